// Router: the sorted table of routes, the gates in front of them, and the way from a request to its
// answer.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "cardea/http/gate.hpp"
#include "cardea/http/problem.hpp"
#include "cardea/http/route.hpp"

namespace cardea::http {

inline constexpr Reason route_unknown{Code::not_found, "request.not_found",
                                      "There is nothing at this address."};
inline constexpr Reason method_refused{Code::method_not_allowed, "request.method",
                                       "This address does not answer to that method."};

class Router {
  public:
    /// Shows a problem to people; an empty answer leaves it as problem+json.
    using ProblemPage = std::function<std::optional<Response>(const Exchange&, const Problem&)>;

    Router();
    ~Router();
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;

    /// Throws std::logic_error when method and pattern are taken, or differ from another pattern
    /// only in the names of parameters.
    void add(Route route);
    /// Gates are asked in the order of their addition.
    void add_gate(std::unique_ptr<Gate> gate);
    /// For refusals of page routes and of browsers that ask for text/html.
    void show_problems_with(ProblemPage page);

    const std::vector<std::unique_ptr<Route>>& routes() const;

    /// Before the body is read: normalises the path and finds the route. Fails with `request.path`;
    /// an unknown path or method is not a failure yet.
    Result<void> prepare(Exchange& exchange) const;
    /// Asks the gates, calls the handler, encodes. Never fails and never throws: refusals are
    /// answers. `exchange` was prepared and has its body.
    Task<Response> answer(Exchange& exchange) const;
    /// The finished answer for a request that never got to a handler.
    Response refuse(Exchange& exchange, const Error& error) const;

  private:
    struct Table;
    Task<Response> ask_and_call(Exchange& exchange, std::size_t& asked) const;
    Result<Response> without_route(Exchange& exchange) const;
    Response problem_for(Exchange& exchange, const Error& error) const;
    void finish(const Exchange& exchange, Response& response, std::size_t asked) const;

    std::vector<std::unique_ptr<Route>> routes_;
    std::vector<std::unique_ptr<Gate>> gates_;
    std::unique_ptr<Table> table_;
    ProblemPage problem_page_;
};

/// Writes the access-log line: route pattern, status, reason, milliseconds, bytes, request id,
/// client address. Never a query, a header or a body.
void log_access(const Exchange& exchange, const Response& response);

}  // namespace cardea::http
