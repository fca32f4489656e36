// Overwrites memory that held a secret, in a way that the optimiser keeps.
#pragma once

#include <cstddef>

namespace cardea {

void wipe(void* memory, std::size_t size) noexcept;

/// Wipes the whole buffer of a string or vector, spare capacity included, and empties it.
template <class Container>
void wipe(Container& container) noexcept {
    container.resize(container.capacity());
    wipe(container.data(), container.size() * sizeof(*container.data()));
    container.clear();
}

}  // namespace cardea
