// Random numbers from random bytes, and the system's generator.
#include "cardea/crypto/random.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>

namespace cardea::crypto {

std::uint64_t Random::number() {
    std::uint64_t number = 0;
    fill(std::as_writable_bytes(std::span(&number, 1)));
    return number;
}

std::uint64_t Random::below(std::uint64_t limit) {
    if (limit == 0) return 0;
    // Numbers under this rest would make the small results likelier than the others.
    const std::uint64_t rest = (0 - limit) % limit;
    auto drawn = number();
    while (drawn < rest) drawn = number();
    return drawn % limit;
}

void SystemRandom::fill(std::span<std::byte> out) {
    while (!out.empty()) {
        auto part = out.first(std::min<std::size_t>(out.size(), INT_MAX));
        auto* bytes = reinterpret_cast<unsigned char*>(part.data());
        if (RAND_bytes(bytes, static_cast<int>(part.size())) != 1) {
            std::fputs("cardea: the system gives no randomness; nothing here is safe without\n",
                       stderr);
            std::abort();
        }
        out = out.subspan(part.size());
    }
}

}  // namespace cardea::crypto
