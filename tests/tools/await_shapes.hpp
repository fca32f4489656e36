// What the shapes in await_broken.cpp and await_fine.cpp are made of.
#pragma once

#include <functional>
#include <string>

#include "cardea/runtime/coroutine.hpp"

namespace cardea {

struct Aggregate {
    std::string text;
    int number = 0;
};
struct Constructed {
    explicit Constructed(std::string given) : text(std::move(given)) {}
    std::string text;
};

Task<int> take(Aggregate aggregate);
Task<int> take(Constructed constructed);
Task<int> take(std::string text);
Task<int> take(std::function<int()> work);
template <class Work>
Task<int> call(Work work) {
    co_return work();
}
Task<std::string> give();

}  // namespace cardea
