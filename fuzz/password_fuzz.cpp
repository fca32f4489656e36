// A normalised password stays as it is when it is normalised again, and stays within what is
// accepted.
#include <cstdint>
#include <cstdlib>

#include "cardea/base/text.hpp"
#include "cardea/password/password.hpp"

using namespace cardea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto once = password::normalise({reinterpret_cast<const char*>(data), size});

    if (!once) return 0;
    const auto& text = once->reveal();
    if (text.size() > password::longest_accepted || !is_utf8(text)) std::abort();
    auto twice = password::normalise(text);
    if (!twice || twice->reveal() != text) std::abort();
    return 0;
}
