// HTML that cannot be injected into: literals are markup, everything else is escaped.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cardea::web {

/// Markup that is safe to send. Only html() and join() make it.
class Html {
  public:
    Html() = default;
    const std::string& text() const { return text_; }
    bool empty() const { return text_.empty(); }
    Html& operator+=(const Html& other) {
        text_ += other.text_;
        return *this;
    }

  private:
    friend Html make_html(std::string text);
    std::string text_;
};

/// Text for element content and for attribute values in double quotes; control characters and what
/// is not UTF-8 become U+FFFD.
std::string escape(std::string_view text);

/// A template: must be a literal, so that no input can ever be one. `{}` marks where values go;
/// html() checks the number of them while compiling.
template <std::size_t Count>
struct Template {
    template <std::size_t Size>
    consteval Template(const char (&literal)[Size]) : text(literal, Size - 1) {
        std::size_t places = 0;
        for (std::size_t i = 0; i + 2 < Size; ++i) {
            if (literal[i] == '{' && literal[i + 1] == '}') ++places;
        }
        if (places != Count) throw "the template has another number of {} than there are values";
    }
    std::string_view text;
};

namespace detail {
std::string piece(const Html& value);
std::string piece(std::string_view value);
std::string piece(std::int64_t value);
Html fill(std::string_view text, const std::vector<std::string>& pieces);

template <class T>
std::string to_piece(const T& value) {
    if constexpr (std::same_as<T, Html>) {
        return piece(value);
    } else if constexpr (std::integral<T>) {
        return piece(static_cast<std::int64_t>(value));
    } else {
        return piece(std::string_view(value));
    }
}
}  // namespace detail

/// `html("<p>Hello {}</p>", name)`: Html values go in as they are, all others escaped.
template <class... Values>
Html html(Template<sizeof...(Values)> text, const Values&... values) {
    return detail::fill(text.text, {detail::to_piece(values)...});
}

}  // namespace cardea::web
