#include "cardea/schema/toml_guard.hpp"

#include <algorithm>

namespace cardea::schema {

namespace {

constexpr std::size_t size_limit = 1024 * 1024;
constexpr std::size_t part_limit = 32;

TextPlace place_at(std::string_view text, std::size_t offset) {
    auto before = text.substr(0, offset);
    auto line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1;
    return {line, offset - (before.rfind('\n') + 1) + 1};
}

/// Walks over quotes and comments; what it finds in quotes that are wrong does not matter, because
/// the library stops at them.
class Scan {
  public:
    explicit Scan(std::string_view text) : text_(text) {}

    std::optional<TomlError> objection() {
        if (text_.starts_with("\uFEFF")) at_ = 3;
        while (at_ < text_.size()) {
            char c = text_[at_];
            if (c == '#') {
                skip_comment();
            } else if (c == '"' || c == '\'') {
                skip_quotes(c);
            } else if ((c & 0x80) != 0) {
                return refuse("a character that may stand only in quotes and comments");
            } else if (!count_part(c)) {
                return refuse("a key with too many parts");
            } else {
                ++at_;
            }
        }
        return std::nullopt;
    }

  private:
    /// Dots outside quotes separate the parts of a key; a number has one at most.
    bool count_part(char c) {
        if (c == '\n' || c == '=' || c == ',' || c == '[' || c == '{') parts_ = 0;
        return c != '.' || ++parts_ < part_limit;
    }

    void skip_comment() { at_ = std::min(text_.find('\n', at_), text_.size()); }

    void skip_quotes(char quote) {
        std::string_view three = quote == '"' ? "\"\"\"" : "'''";
        bool is_long = text_.substr(at_).starts_with(three);
        std::string_view end = is_long ? three : three.substr(0, 1);
        at_ += end.size();
        while (at_ < text_.size() && !text_.substr(at_).starts_with(end)) {
            if (!is_long && text_[at_] == '\n') return;
            at_ += quote == '"' && text_[at_] == '\\' ? 2 : 1;
        }
        at_ = std::min(at_ + end.size(), text_.size());
        // A long text may end in one or two quotes of its own.
        while (is_long && at_ < text_.size() && text_[at_] == quote) ++at_;
    }

    TomlError refuse(std::string why) const { return {place_at(text_, at_), std::move(why)}; }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t parts_ = 0;
};

}  // namespace

std::optional<TomlError> toml_objection(std::string_view text) {
    if (text.size() > size_limit) return TomlError{{1, 1}, "the text is over 1 MiB"};
    return Scan(text).objection();
}

}  // namespace cardea::schema
