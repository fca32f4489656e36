// Shapes that GCC 12 miscompiles; tools/check_awaits must name every line marked `broken`.
#include "await_shapes.hpp"

namespace cardea {

Task<int> closure_with_capture(std::string text) {
    co_return co_await call([text] { return static_cast<int>(text.size()); });  // broken
}

Task<int> closure_turned_into_function(std::string text) {
    co_return co_await take([text] { return static_cast<int>(text.size()); });  // broken
}

Task<int> aggregate_in_place(std::string text) {
    co_return co_await take(Aggregate{text, 1});  // broken
}

Task<int> aggregate_designated(std::string text) {
    co_return co_await take(Aggregate{.text = text, .number = 2});  // broken
}

Task<int> aggregate_that_awaits() {
    Aggregate aggregate{(co_await give()).value(), 1};  // broken
    co_return aggregate.number;
}

}  // namespace cardea
