// Gate: one question that every request has to pass before its handler runs.
#pragma once

#include <string_view>
#include <variant>

#include "cardea/http/exchange.hpp"
#include "cardea/runtime/task.hpp"

namespace cardea::http {

struct Pass {};
/// The answer takes a wait: Gate::wait() is awaited next.
struct Wait {};
/// A gate passes, refuses with an Error, answers itself, or has to wait. Anything but Wait costs no
/// coroutine.
using Verdict = std::variant<Pass, Wait, Error, Response>;

class Gate {
  public:
    virtual ~Gate() = default;
    virtual std::string_view name() const = 0;
    /// Called for every request, also where `exchange.route` is null (a 404 to be).
    virtual Verdict check(Exchange& exchange) = 0;
    /// Awaited only after check() said Wait. An error refuses.
    virtual Task<void> wait(Exchange& exchange);
    /// What the gate adds to an answer, refusals included. Called only when check() was.
    virtual void finish(const Exchange& exchange, Response& response);
    /// Whether requests that cannot even be read are checked and finished here, so that their
    /// refusals have a request id and security headers, too.
    virtual bool marks_every_answer() const { return false; }
};

}  // namespace cardea::http
