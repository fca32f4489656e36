// What operators and tools ask: health, the OpenAPI description, the page of reasons.
#pragma once

#include <functional>
#include <string>

#include "cardea/http/router.hpp"
#include "cardea/schema/described.hpp"

namespace cardea::api {

inline constexpr Reason reason_unknown{Code::not_found, "problem.unknown",
                                       "There is no reason of that name."};

/// The parts of /openapi.json, made from the router's routes, and of /problems/{reason}, made from
/// every Reason in the sources.
class Operations {
  public:
    explicit Operations(const http::Router& router) : router_(router) {}
    void add_routes(http::Router& router);

    Task<http::Response> openapi();
    Task<http::Response> reasons(http::Exchange& exchange);
    Task<http::Response> reason(http::Exchange& exchange);

  private:
    const http::Router& router_;
};

}  // namespace cardea::api
