// Whatever the bytes: no crash, an accepted URL reads itself alike, and a ReturnTo stays here.
#include <cstdint>
#include <cstdlib>

#include "cardea/http/return_to.hpp"

using cardea::http::ReturnTo;
using cardea::http::Url;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    if (auto url = Url::parse(text)) {
        auto again = Url::parse(url->text());
        if (!again || again->text() != url->text() || !again->same_origin(*url)) std::abort();
        if (url->host().find_first_of("@/\\?# %") != std::string::npos) std::abort();
        if (!url->target().starts_with('/')) std::abort();
    }
    if (auto to = ReturnTo::parse(text)) {
        const auto& path = to->text();
        if (!path.starts_with('/') || path.starts_with("//") || path.starts_with("/\\")) {
            std::abort();
        }
        if (path.find_first_of("\r\n\t ") != std::string::npos) std::abort();
    }
    return 0;
}
