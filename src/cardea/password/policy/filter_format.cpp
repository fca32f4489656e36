#include "cardea/password/policy/filter_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace cardea::password {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::array<unsigned char, 8> magic{'c', 'a', 'r', 'd', 'e', 'a', 'P', 'F'};
constexpr std::uint32_t version = 1;
constexpr unsigned bits_per_block = filter_block_size * 8;
constexpr std::size_t content_at = 32;
constexpr std::size_t check_at = 56;
constexpr std::uint64_t most_blocks = std::uint64_t{1} << 40U;

template <class Number>
Number read_number(ByteView bytes, std::size_t at) {
    Number number = 0;
    for (std::size_t i = sizeof number; i-- > 0;)
        number = static_cast<Number>(number << 8U) | std::to_integer<Number>(bytes[at + i]);
    return number;
}

template <class Number>
void write_number(FilterHeader& header, std::size_t at, Number number) {
    for (std::size_t i = 0; i < sizeof number; ++i)
        header[at + i] = static_cast<std::byte>(number >> (8U * i));
}

std::array<std::byte, 8> check_of(ByteView header) {
    auto sum = crypto::sha256(header.first(check_at));
    std::array<std::byte, 8> check{};
    std::copy_n(sum.begin(), check.size(), check.begin());
    return check;
}

// Nine bits each of the key's last twelve bytes.
template <class F>
void for_each_probe(const crypto::Sha1& key, int probes, F&& f) {
    Wide bits = 0;
    for (std::size_t i = 8; i < key.size(); ++i)
        bits = (bits << 8U) | std::to_integer<unsigned>(key[i]);
    for (int i = 0; i < probes; ++i, bits >>= 9U) {
        auto bit = static_cast<unsigned>(bits) % bits_per_block;
        f(bit / 8, std::byte{1} << (bit % 8));
    }
}

}  // namespace

double FilterFacts::bits_per_entry() const {
    if (entries == 0) return 0;
    return static_cast<double>(blocks * bits_per_block) / static_cast<double>(entries);
}

// A block holds a Poisson number of entries; each has set `probes` bits, some of them the same.
double false_positive_rate(const FilterFacts& facts) {
    if (facts.entries == 0) return 0;
    const double load = static_cast<double>(facts.entries) / static_cast<double>(facts.blocks);
    const double still_clear = std::pow(1 - 1.0 / bits_per_block, facts.probes);
    const int most = static_cast<int>(std::min(load + 20 * std::sqrt(load) + 20, 1e6));
    double rate = 0;
    for (int n = 0; n <= most; ++n) {
        const double likelihood = std::exp(n * std::log(load) - load - std::lgamma(n + 1.0));
        rate += likelihood * std::pow(1 - std::pow(still_clear, n), facts.probes);
    }
    return std::min(rate, 1.0);
}

FilterFacts plan_filter(std::uint64_t entries, int bits_per_entry) {
    FilterFacts plan;
    plan.entries = entries;
    auto bits = entries * static_cast<std::uint64_t>(bits_per_entry);
    plan.blocks = std::max<std::uint64_t>(1, (bits + bits_per_block - 1) / bits_per_block);
    double best = 2;
    for (int probes = 1; probes <= most_probes; ++probes) {
        auto candidate = plan;
        candidate.probes = probes;
        const double rate = false_positive_rate(candidate);
        if (rate >= best) continue;
        best = rate;
        plan.probes = probes;
    }
    return plan;
}

FilterHeader to_header(const FilterFacts& facts) {
    FilterHeader header{};
    std::memcpy(header.data(), magic.data(), magic.size());
    write_number(header, 8, version);
    write_number(header, 12, static_cast<std::uint32_t>(facts.probes));
    write_number(header, 16, facts.blocks);
    write_number(header, 24, facts.entries);
    std::ranges::copy(facts.content, header.begin() + content_at);
    std::ranges::copy(check_of(header), header.begin() + check_at);
    return header;
}

Result<FilterFacts> parse_header(ByteView header, std::uint64_t file_size) {
    if (header.size() < filter_header_size) return fail(filter_malformed, "shorter than a header");
    if (std::memcmp(header.data(), magic.data(), magic.size()) != 0)
        return fail(filter_malformed, "it does not begin as one");
    if (read_number<std::uint32_t>(header, 8) != version)
        return fail(filter_malformed, "made by another version of cardea");
    if (std::memcmp(header.data() + check_at, check_of(header).data(), 8) != 0)
        return fail(filter_malformed, "its header is damaged");
    const auto probes = read_number<std::uint32_t>(header, 12);
    FilterFacts facts;
    facts.blocks = read_number<std::uint64_t>(header, 16);
    facts.entries = read_number<std::uint64_t>(header, 24);
    if (probes < 1 || probes > most_probes || facts.blocks < 1 || facts.blocks > most_blocks)
        return fail(filter_malformed, "its header says what cannot be");
    facts.probes = static_cast<int>(probes);
    std::copy_n(header.begin() + content_at, facts.content.size(), facts.content.begin());
    if (file_size != facts.file_size()) {
        return fail(filter_malformed,
                    fmt::format("{} bytes where {} belong", file_size, facts.file_size()));
    }
    return facts;
}

// The high bits choose the block, so that a sorted list fills the file from its beginning to its
// end.
std::uint64_t block_of(const crypto::Sha1& key, std::uint64_t blocks) {
    std::uint64_t high = 0;
    for (std::size_t i = 0; i < 8; ++i)
        high = (high << 8U) | std::to_integer<std::uint64_t>(key[i]);
    return static_cast<std::uint64_t>((Wide{high} * blocks) >> 64U);
}

void set_bits(FilterBlock& block, const crypto::Sha1& key, int probes) {
    for_each_probe(key, probes, [&](unsigned at, std::byte bit) { block[at] |= bit; });
}

bool has_bits(const FilterBlock& block, const crypto::Sha1& key, int probes) {
    bool all = true;
    for_each_probe(key, probes, [&](unsigned at, std::byte bit) {
        all = all && (block[at] & bit) != std::byte{0};
    });
    return all;
}

}  // namespace cardea::password
