// Hostile filter files are refused, and whatever is accepted can be asked within its bounds.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "cardea/password/policy/filter_format.hpp"

using namespace cardea;

namespace {

void look(ByteView header, std::uint64_t size) {
    auto facts = password::parse_header(header, size);
    if (!facts) return;
    if (facts->file_size() != size) std::abort();
    auto again = password::parse_header(password::to_header(*facts), size);
    if (!again || *again != *facts) std::abort();
    auto key = crypto::sha1(header);
    if (password::block_of(key, facts->blocks) >= facts->blocks) std::abort();
    password::FilterBlock block{};
    password::set_bits(block, key, facts->probes);
    if (!password::has_bits(block, key, facts->probes)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    ByteView file(reinterpret_cast<const std::byte*>(data), size);
    look(file, size);
    if (size < password::filter_header_size) return 0;
    // Once more as somebody would write it who knows how its sum is made, and of every length.
    Bytes forged(file.begin(), file.begin() + password::filter_header_size);
    auto sum = crypto::sha256(ByteView(forged).first(56));
    std::copy_n(sum.begin(), 8, forged.begin() + 56);
    std::uint64_t blocks = 0;
    for (std::size_t i = 8; i-- > 0;)
        blocks = (blocks << 8U) | std::to_integer<std::uint64_t>(forged[16 + i]);
    look(forged, size);
    look(forged, (blocks + 1) * password::filter_block_size);
    return 0;
}
