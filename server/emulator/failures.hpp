// What failing endpoints put in the place of their answers.
#pragma once

#include "server/emulator/emulator.hpp"

namespace cardea::emulator {

/// Bytes of a giant answer, and of a bomb when it is unpacked.
inline constexpr std::size_t giant_bytes = 10 << 20;
inline constexpr std::size_t bomb_bytes = 64 << 20;

/// The answer as it leaves an endpoint that fails so.
http::Response misbehaving(Failure failure, http::Response response);

}  // namespace cardea::emulator
