#include "cardea/password/fold.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <string>

namespace cardea::password {
namespace {

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Nearly every password is ASCII, and a list of many thousands is folded at its first use.
SecretText fold_ascii(std::string_view text) {
    std::string folded(text);
    for (char& c : folded) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return SecretText(std::move(folded));
}

}  // namespace

SecretText fold(std::string_view text) {
    if (is_ascii(text)) return fold_ascii(text);
    constexpr auto form =
        static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
    utf8proc_uint8_t* mapped = nullptr;
    auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                             static_cast<utf8proc_ssize_t>(text.size()), &mapped, form);
    if (size < 0) return SecretText();
    auto count = static_cast<std::size_t>(size);
    SecretText folded(std::string(reinterpret_cast<const char*>(mapped), count));
    wipe(mapped, count);
    std::free(mapped);
    return folded;
}

}  // namespace cardea::password
