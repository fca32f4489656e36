#include "cardea/sign_in/importing/csv.hpp"

namespace cardea::sign_in::importing {
namespace {

constexpr std::size_t most_values = 64;

enum class End { value, record, broken };

// The line's end, or the file's.
bool take_line_end(Characters& from) {
    auto next = from.peek();
    if (!next) return true;
    if (next == '\r') {
        from.take();
        next = from.peek();
    }
    if (next && next != '\n') return false;
    from.take();
    return true;
}

End take_end(Characters& from) {
    if (from.peek() == ',') {
        from.take();
        return End::value;
    }
    return take_line_end(from) ? End::record : End::broken;
}

End take_quoted(Characters& from, std::string& value) {
    from.take();
    while (auto c = from.take()) {
        if (c == '"' && from.peek() != '"') return take_end(from);
        if (c == '"') from.take();
        value += *c;
        if (value.size() > longest_row) return End::broken;
    }
    return End::broken;
}

End take_bare(Characters& from, std::string& value) {
    for (;;) {
        auto next = from.peek();
        if (!next || next == ',' || next == '\r' || next == '\n') return take_end(from);
        if (next == '"' || value.size() > longest_row) return End::broken;
        value += *from.take();
    }
}

}  // namespace

std::optional<char> Characters::take() {
    auto c = buffer_.sbumpc();
    if (c == std::char_traits<char>::eof()) return {};
    ++bytes_;
    line_ += c == '\n';
    return static_cast<char>(c);
}

std::optional<char> Characters::peek() const {
    auto c = buffer_.sgetc();
    if (c == std::char_traits<char>::eof()) return {};
    return static_cast<char>(c);
}

void Characters::skip_line() {
    while (auto c = take()) {
        if (c == '\n') return;
    }
}

std::string Characters::take_line() {
    std::string line;
    while (auto c = take()) {
        if (c == '\n') break;
        if (line.size() <= longest_row) line += *c;
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

Result<CsvRecord> take_csv_record(Characters& from) {
    CsvRecord record;
    std::size_t size = 0;
    for (;;) {
        auto& value = record.emplace_back();
        auto end = from.peek() == '"' ? take_quoted(from, value) : take_bare(from, value);
        size += value.size();
        if (end == End::record) return record;
        bool too_much = size > longest_row || record.size() >= most_values;
        if (end == End::value && !too_much) continue;
        from.skip_line();
        return fail(row_malformed, too_much ? "too long, or too many values" : "a stray quote");
    }
}

}  // namespace cardea::sign_in::importing
