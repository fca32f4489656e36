// The same work in shapes that GCC 12 compiles well; tools/check_awaits must pass over them.
#include "await_shapes.hpp"

namespace cardea {

Task<int> named_closure(std::string text) {
    auto work = [text] { return static_cast<int>(text.size()); };
    co_return co_await call(std::move(work));
}

Task<int> closure_with_references(std::string text) {
    co_return co_await call([&text] { return static_cast<int>(text.size()); });
}

Task<int> named_aggregate(std::string text) {
    Aggregate aggregate{text, 1};
    co_return co_await take(std::move(aggregate));
}

Task<int> type_with_constructor(std::string text) {
    co_return co_await take(Constructed(text));
}

Task<int> awaited_into_an_aggregate() {
    Aggregate aggregate;
    aggregate.number = (co_await take(std::string("text"))).value();
    co_return aggregate.number;
}

}  // namespace cardea
