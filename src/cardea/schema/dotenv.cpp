#include "cardea/schema/dotenv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cardea/base/text.hpp"

namespace cardea::schema {

namespace {

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\f' || c == '\v';
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

/// CRLF and CR become LF, in quotes too.
std::string with_plain_line_ends(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r') {
            result += text[i];
        } else if (i + 1 == text.size() || text[i + 1] != '\n') {
            result += '\n';
        }
    }
    return result;
}

class DotenvReader {
  public:
    DotenvReader(std::string_view text, const DotenvLookup* lookup)
        : rest_(text), lookup_(lookup) {}

    Dotenv read() {
        while (!rest_.empty()) read_line();
        return std::move(result_);
    }

  private:
    void read_line() {
        line_ = next_line_;
        read_entry();
        skip_line();  // after a problem the next line is read as if nothing had happened
    }

    void read_entry() {
        skip_spaces();
        if (rest_.empty() || rest_.front() == '\n' || rest_.front() == '#') return;
        skip_export();
        std::string name = take_name();
        skip_spaces();
        if (name.empty() || rest_.empty() || rest_.front() != '=')
            return refuse("a line of another form");
        take(1);
        bool after_space = !rest_.empty() && is_space(rest_.front());
        skip_spaces();
        if (auto value = take_value(after_space)) keep(std::move(name), std::move(*value));
    }

    std::optional<std::string> take_value(bool after_space) {
        if (rest_.starts_with('"')) return take_quoted('"');
        if (rest_.starts_with('\'')) return take_quoted('\'');
        return expanded(take_plain(after_space));
    }

    /// Up to the end of the line or a `#` after white space.
    std::string take_plain(bool after_space) {
        std::size_t end = 0;
        while (end < rest_.size() && rest_[end] != '\n') {
            if (rest_[end] == '#' && (end == 0 ? after_space : is_space(rest_[end - 1]))) break;
            ++end;
        }
        std::string value(trim(rest_.substr(0, end), " \t\f\v"));
        take(end);
        return value;
    }

    std::optional<std::string> take_quoted(char quote) {
        auto end = closing(quote);
        if (end == rest_.npos) {
            refuse("the quote is never closed");
            return std::nullopt;
        }
        auto inside = rest_.substr(1, end - 1);
        std::string value = quote == '"' ? unescaped_double(inside) : unescaped_single(inside);
        take(end + 1);
        skip_spaces();
        if (!rest_.empty() && rest_.front() != '\n' && rest_.front() != '#') {
            refuse("something stands behind the closing quote");
            return std::nullopt;
        }
        return quote == '"' ? expanded(value) : value;
    }

    std::size_t closing(char quote) const {
        for (std::size_t i = 1; i < rest_.size(); ++i) {
            if (rest_[i] == '\\') {
                ++i;
            } else if (rest_[i] == quote) {
                return i;
            }
        }
        return rest_.npos;
    }

    static std::string unescaped_single(std::string_view text) {
        std::string result;
        for (std::size_t i = 0; i < text.size(); ++i) {
            bool escape = text[i] == '\\' && i + 1 < text.size() &&
                          (text[i + 1] == '\'' || text[i + 1] == '\\');
            result += escape ? text[++i] : text[i];
        }
        return result;
    }

    static std::string unescaped_double(std::string_view text) {
        constexpr std::string_view letters = "nrt\"\\";
        constexpr std::string_view meanings = "\n\r\t\"\\";
        std::string result;
        for (std::size_t i = 0; i < text.size(); ++i) {
            auto at =
                text[i] == '\\' && i + 1 < text.size() ? letters.find(text[i + 1]) : letters.npos;
            if (at == letters.npos) {
                result += text[i];
            } else {
                result += meanings[at];
                ++i;
            }
        }
        return result;
    }

    /// With every `${name}` replaced; nothing when one is not known.
    std::optional<std::string> expanded(std::string_view text) {
        if (lookup_ == nullptr) return std::string(text);
        std::string result;
        // Asked once: a text of many `${` without an end must not be searched for each of them.
        auto last_end = text.rfind('}');
        const char* end = last_end == text.npos ? text.data() : text.data() + last_end;
        while (!text.empty()) {
            if (text.starts_with("\\$")) {
                result += '$';
                text.remove_prefix(2);
            } else if (text.starts_with("${") && text.data() < end) {
                auto value = value_of(text.substr(2, text.find('}') - 2));
                if (!value) return std::nullopt;
                result += *value;
                text.remove_prefix(text.find('}') + 1);
            } else {
                result += text.front();
                text.remove_prefix(1);
            }
            if (result.size() <= value_limit) continue;
            refuse("the value becomes too long");
            return std::nullopt;
        }
        return result;
    }

    std::optional<std::string> value_of(std::string_view expression) {
        auto name = expression.substr(0, expression.find(":-"));
        if (auto value = (*lookup_)(name)) return value;
        auto earlier = values_.find(name);
        if (earlier != values_.end()) return earlier->second;
        if (name.size() < expression.size()) return std::string(expression.substr(name.size() + 2));
        refuse(fmt::format("${{{}}} is not set", cut(name, 60)));
        return std::nullopt;
    }

    void keep(std::string name, std::string value) {
        if (!is_utf8(value) || value.find('\0') != value.npos)
            return refuse("the value is no UTF-8 text");
        values_.insert_or_assign(name, value);
        result_.entries.push_back({std::move(name), std::move(value), line_});
    }

    void refuse(std::string text) { result_.problems.push_back({line_, std::move(text)}); }

    void skip_export() {
        constexpr std::string_view word = "export";
        if (!rest_.starts_with(word) || rest_.size() == word.size() ||
            !is_space(rest_[word.size()]))
            return;
        auto after = trim_left(rest_.substr(word.size()));
        if (after.starts_with('=')) return;  // `export = 1` sets export
        take(word.size());
        skip_spaces();
    }

    std::string take_name() {
        auto end = std::ranges::find_if_not(rest_, is_name_character) - rest_.begin();
        std::string name(rest_.substr(0, static_cast<std::size_t>(end)));
        take(name.size());
        return name;
    }

    static std::string_view trim_left(std::string_view text) {
        auto first = std::ranges::find_if_not(text, is_space) - text.begin();
        return text.substr(static_cast<std::size_t>(first));
    }

    void skip_spaces() { rest_ = trim_left(rest_); }

    void skip_line() {
        auto end = rest_.find('\n');
        take(end == rest_.npos ? rest_.size() : end + 1);
    }

    void take(std::size_t count) {
        auto taken = rest_.substr(0, count);
        next_line_ += static_cast<std::size_t>(std::ranges::count(taken, '\n'));
        rest_.remove_prefix(count);
    }

    // Interpolation can double a value with every line.
    static constexpr std::size_t value_limit = 64 * 1024;

    std::string_view rest_;
    const DotenvLookup* lookup_;
    std::size_t line_ = 1;
    std::size_t next_line_ = 1;
    std::map<std::string, std::string, std::less<>> values_;
    Dotenv result_;
};

Dotenv read(std::string_view text, const DotenvLookup* lookup) {
    if (text.starts_with("\uFEFF")) text.remove_prefix(3);
    std::string plain = with_plain_line_ends(text);
    return DotenvReader(plain, lookup).read();
}

}  // namespace

Dotenv read_dotenv(std::string_view text) {
    return read(text, nullptr);
}

Dotenv read_dotenv(std::string_view text, const DotenvLookup& lookup) {
    return read(text, &lookup);
}

}  // namespace cardea::schema
