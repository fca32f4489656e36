#include "cardea/http/gate.hpp"

#include "cardea/runtime/coroutine.hpp"

namespace cardea::http {

Task<void> Gate::wait(Exchange&) {
    co_return fail(internal, "a gate that never waits was awaited");
}

void Gate::finish(const Exchange&, Response&) {}

}  // namespace cardea::http
