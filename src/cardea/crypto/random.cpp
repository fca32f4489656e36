// Random numbers from random bytes, and the system's generator.
#include "cardea/crypto/random.hpp"

#include <unistd.h>

#include <algorithm>
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

// getentropy() waits until the kernel has gathered enough once, and is never interrupted; it costs
// less than half of what OpenSSL's generator does.
void SystemRandom::fill(std::span<std::byte> out) {
    constexpr std::size_t most_at_once = 256;
    while (!out.empty()) {
        auto part = out.first(std::min(out.size(), most_at_once));
        if (getentropy(part.data(), part.size()) != 0) {
            std::fputs("cardea: the system gives no randomness; nothing here is safe without\n",
                       stderr);
            std::abort();
        }
        out = out.subspan(part.size());
    }
}

}  // namespace cardea::crypto
