// wipe() and constant_time_equal(): the two things the optimiser must not be clever about.
#include <string.h>

#include "cardea/base/equal.hpp"
#include "cardea/base/wipe.hpp"

namespace cardea {

void wipe(void* memory, std::size_t size) noexcept {
    if (memory != nullptr) explicit_bzero(memory, size);
}

bool constant_time_equal(ByteView a, ByteView b) noexcept {
    if (a.size() != b.size()) return false;
    volatile unsigned char difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference = difference | static_cast<unsigned char>(a[i] ^ b[i]);
    }
    return difference == 0;
}

}  // namespace cardea
