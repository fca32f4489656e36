// A SessionView as one run of bytes: what the cache keeps of it.
#pragma once

#include <string>
#include <string_view>

#include "cardea/session/session.hpp"

namespace cardea::session {

/// The view's account must be the session's. Only unpack() of the same process reads the bytes.
std::string pack(const SessionView& view);

/// From nothing but what pack() made.
SessionView unpack(std::string_view packed);

}  // namespace cardea::session
