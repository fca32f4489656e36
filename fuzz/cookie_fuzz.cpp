// Whatever the bytes of a Cookie field: no crash, and no value that could not have been set.
#include <cstdint>
#include <cstdlib>

#include "cardea/http/cookie.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text(reinterpret_cast<const char*>(data), size);
    if (text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos) return 0;
    cardea::http::Headers headers;
    headers.add("Cookie", text);
    cardea::http::Cookies cookies(headers);
    auto value = cookies.get("a");
    if (!value) return 0;
    cardea::http::SetCookie cookie;
    cookie.name = "a";
    cookie.value = *value;
    (void)cardea::http::to_text(cookie);  // throws on what is not a cookie value
    return 0;
}
