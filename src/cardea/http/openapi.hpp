// The OpenAPI 3.1 description, derived from the routes and nothing else.
#pragma once

#include <string>

#include "cardea/http/router.hpp"

namespace cardea::http {

struct OpenApiInfo {
    std::string title = "cardea";
    std::string version;
    std::string description;
};

/// The document as JSON text: paths, parameters, bodies, security, and each refusal by its slug.
/// Stable: the same routes give the same bytes.
std::string openapi_document(const Router& router, const OpenApiInfo& info);

}  // namespace cardea::http
