// The first digits of pi, which Blowfish starts from.
#pragma once

#include <array>
#include <cstdint>

namespace cardea::password {

/// The fraction of pi in words of 32 bits: Blowfish's initial subkeys (18), then its four S boxes
/// (256 each).
extern const std::array<std::uint32_t, 1042> pi_words;

}  // namespace cardea::password
