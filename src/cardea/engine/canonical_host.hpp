// In development mode, other loopback names lead to the one that cookies and providers know.
#pragma once

#include <memory>

#include "cardea/http/gate.hpp"
#include "cardea/http/url.hpp"

namespace cardea::engine {

/// `http://localhost:8080/x` → 308 `http://127.0.0.1:8080/x`. Anything that is not a loopback name
/// goes on to the trusted-host gate.
std::unique_ptr<http::Gate> canonical_host_gate(const http::Url& public_url);

}  // namespace cardea::engine
