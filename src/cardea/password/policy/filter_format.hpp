// The layout of a file of breached passwords, and the arithmetic of its filter. The format is
// described in docs/formats/password-filter.md.
#pragma once

#include <array>
#include <cstdint>

#include "cardea/base/bytes.hpp"
#include "cardea/base/error.hpp"
#include "cardea/crypto/hash.hpp"

namespace cardea::password {

/// Not a filter, cut off, or altered; the detail says what is wrong.
inline constexpr Reason filter_malformed{Code::invalid, "password.filter_malformed",
                                         "This file is no filter of breached passwords."};

inline constexpr std::size_t filter_header_size = 64;
inline constexpr std::size_t filter_block_size = 64;  ///< A cache line: a lookup touches one.
inline constexpr int most_probes = 10;                ///< As many as 96 bits of the key give.

/// What the header says.
struct FilterFacts {
    std::uint64_t entries = 0;
    std::uint64_t blocks = 0;
    int probes = 0;
    /// SHA-256, cut to 24 bytes, over the SHA-256 sums of each MiB of blocks.
    std::array<std::byte, 24> content{};

    std::uint64_t file_size() const { return filter_header_size + blocks * filter_block_size; }
    double bits_per_entry() const;
    bool operator==(const FilterFacts&) const = default;
};

/// How many passwords out of one that were never put in it says to have.
double false_positive_rate(const FilterFacts& facts);

/// Blocks and probes for so many entries of so many bits. At least one block.
FilterFacts plan_filter(std::uint64_t entries, int bits_per_entry);

using FilterHeader = std::array<std::byte, filter_header_size>;
FilterHeader to_header(const FilterFacts& facts);
/// Strict: magic, version, check sum, bounds, and the size that the file then must have.
Result<FilterFacts> parse_header(ByteView header, std::uint64_t file_size);

/// Where an entry is: a block, and bits in it.
std::uint64_t block_of(const crypto::Sha1& key, std::uint64_t blocks);
using FilterBlock = std::array<std::byte, filter_block_size>;
void set_bits(FilterBlock& block, const crypto::Sha1& key, int probes);
bool has_bits(const FilterBlock& block, const crypto::Sha1& key, int probes);

}  // namespace cardea::password
