// Whatever the bytes of a path: no crash, and no way up or around in what is accepted.
#include <cstdint>
#include <cstdlib>

#include "cardea/base/text.hpp"
#include "cardea/http/path.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    auto path = cardea::http::normalise_path(text);
    if (!path) return 0;
    if (cardea::has_control(*path) || !cardea::is_utf8(*path)) std::abort();
    for (auto segment : cardea::split(*path, '/')) {
        if (segment == "." || segment == "..") std::abort();
    }
    if (path->find('\\') != std::string::npos) std::abort();
    return 0;
}
