#include "cardea/web/html.hpp"

#include "cardea/base/text.hpp"

namespace cardea::web {

Html make_html(std::string text) {
    Html result;
    result.text_ = std::move(text);
    return result;
}

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

std::string_view entity(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        case '\'':
            return "&#39;";
        default:
            return {};
    }
}

bool is_unprintable(char c) {
    auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
}

}  // namespace

std::string escape(std::string_view text) {
    if (!is_utf8(text)) return std::string(replacement);
    std::string result;
    result.reserve(text.size() + 16);
    for (char c : text) {
        if (is_unprintable(c)) {
            result += replacement;
        } else if (auto safe = entity(c); !safe.empty()) {
            result += safe;
        } else {
            result += c;
        }
    }
    return result;
}

namespace detail {

std::string piece(const Html& value) {
    return value.text();
}
std::string piece(std::string_view value) {
    return escape(value);
}
std::string piece(std::int64_t value) {
    return std::to_string(value);
}

Html fill(std::string_view text, const std::vector<std::string>& pieces) {
    std::string result;
    for (const auto& piece : pieces) {
        auto place = text.find("{}");
        result += text.substr(0, place);
        result += piece;
        text.remove_prefix(place + 2);
    }
    result += text;
    return make_html(std::move(result));
}

}  // namespace detail
}  // namespace cardea::web
