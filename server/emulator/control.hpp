// What the one who runs a test may ask of the emulator beside being a provider.
#pragma once

#include "server/emulator/emulator.hpp"

namespace cardea::emulator {

inline constexpr std::string_view control_prefix = "/-/";

/// GET  /-/            a page: the providers and how to use them
/// GET  /-/env         client ids and secrets as an .env file; ?provider=NAME for one of them
/// POST /-/person      who signs in from now on: {"provider", "email", "first_name", …}
/// POST /-/failure     what goes wrong next: {"provider", "endpoint", "failure", "times"}
/// POST /-/withdrawal  all consents are taken back: {"provider"}
/// `target` is the path and query of the request.
http::Response control(Emulator& emulator, const http::Request& request, std::string_view url);

}  // namespace cardea::emulator
