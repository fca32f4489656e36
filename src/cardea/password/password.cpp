#include "cardea/password/password.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace cardea::password {
namespace {

// Composition makes text shorter: at worst a Hangul syllable typed as three letters of three bytes
// becomes three bytes. Anything beyond this cannot come down to what is accepted.
constexpr std::size_t longest_input = 3 * longest_accepted;
// One code point decomposes into at most four under canonical decomposition.
using CodePoints = std::array<utf8proc_int32_t, longest_input * 4>;

std::size_t count_code_points(std::string_view utf8) {
    std::size_t count = 0;
    for (char c : utf8) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    return count;
}

// ASCII is in normal form C, and most passwords are ASCII.
bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string encode(const CodePoints& points, utf8proc_ssize_t count) {
    std::string text;
    // Reserved whole, so that no growing leaves a copy behind.
    text.reserve(static_cast<std::size_t>(count) * 4);
    std::array<utf8proc_uint8_t, 4> bytes{};
    for (utf8proc_ssize_t i = 0; i < count; ++i) {
        auto size = utf8proc_encode_char(points[static_cast<std::size_t>(i)], bytes.data());
        text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
    }
    wipe(bytes.data(), bytes.size());
    return text;
}

Result<SecretText> compose(std::string_view text) {
    constexpr auto form = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    CodePoints points;
    auto count = utf8proc_decompose(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                    static_cast<utf8proc_ssize_t>(text.size()), points.data(),
                                    static_cast<utf8proc_ssize_t>(points.size()), form);
    if (count >= 0 && static_cast<std::size_t>(count) <= points.size()) {
        count = utf8proc_normalize_utf32(points.data(), count, form);
    }
    if (count < 0) {
        wipe(points.data(), sizeof points);
        return fail(not_text, utf8proc_errmsg(count));
    }
    SecretText normal(encode(points, count));
    wipe(points.data(), sizeof points);
    return normal;
}

}  // namespace

Result<SecretText> normalise(std::string_view text) {
    if (text.size() > longest_input) return fail(far_too_long);
    if (text.find('\0') != std::string_view::npos) return fail(has_nul);
    SecretText normal;
    if (is_ascii(text)) {
        normal = SecretText(std::string(text));
    } else {
        auto composed = compose(text);
        if (!composed) return composed;
        normal = std::move(*composed);
    }
    if (normal.size() > longest_accepted) return fail(far_too_long);
    return normal;
}

Result<Password> Password::parse(std::string_view text) {
    auto normal = normalise(text);
    if (!normal) return std::unexpected(normal.error());
    if (count_code_points(normal->reveal()) < shortest_password) return fail(too_short);
    return Password(std::move(*normal));
}

Result<Attempt> Attempt::parse(std::string_view text) {
    auto normal = normalise(text);
    if (!normal) return std::unexpected(normal.error());
    return Attempt(std::move(*normal));
}

}  // namespace cardea::password
