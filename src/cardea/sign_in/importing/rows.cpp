#include "cardea/sign_in/importing/rows.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cardea/base/text.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::sign_in::importing {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool contains(const std::vector<std::string>& all, std::string_view one) {
    return std::ranges::find(all, one) != all.end();
}

/// Excel puts one at the head of CSV files.
void skip_byte_order_mark(Characters& characters) {
    for (char c : byte_order_mark) {
        if (characters.peek() != c) return;
        characters.take();
    }
}

void skip_blank(Characters& characters) {
    for (auto next = characters.peek(); next == '\n' || next == '\r' || next == ' ';) {
        characters.take();
        next = characters.peek();
    }
}

/// None for what has no place in a column: a list, an object, a fraction.
std::optional<std::string> text_of(const schema::Json& value) {
    if (value.is_null()) return "";
    if (value.is_string()) return std::string(value.as_string());
    if (value.is_bool()) return value.as_bool() ? "true" : "false";
    if (value.is_int64()) return std::to_string(value.as_int64());
    if (value.is_uint64()) return std::to_string(value.as_uint64());
    return {};
}

}  // namespace

Result<Rows> Rows::open(std::istream& stream, std::vector<std::string> columns) {
    Rows rows(Characters(stream), std::move(columns));
    skip_byte_order_mark(rows.characters_);
    skip_blank(rows.characters_);
    auto first = rows.characters_.peek();
    if (!first) return fail(file_malformed, "it is empty");
    if (first == '[') {
        return fail(file_malformed,
                    "it is a JSON array; make lines of it, for example with jq -c '.[]'");
    }
    if (first == '{') return rows;
    auto header = rows.read_header();
    if (!header) return std::unexpected(header.error());
    return rows;
}

Result<void> Rows::read_header() {
    auto header = take_csv_record(characters_);
    if (!header) return fail(file_malformed, header.error());
    CsvRecord seen;
    for (auto& name : *header) {
        name = ascii_lower(trim(name));
        if (!contains(columns_, name)) {
            return fail(file_malformed, fmt::format("there is no column {:?}; there are {}",
                                                    cut(name, 64), join(columns_, ", ")));
        }
        if (contains(seen, name)) return fail(file_malformed, "the column " + name + " twice");
        seen.push_back(name);
    }
    header_ = std::move(*header);
    return {};
}

std::optional<Row> Rows::next() {
    skip_blank(characters_);
    if (!characters_.peek()) return {};
    auto line = characters_.line();
    auto values = header_ ? take_csv() : take_json();
    return Row{line, std::move(values)};
}

Result<Values> Rows::take_csv() {
    auto record = take_csv_record(characters_);
    if (!record) return std::unexpected(record.error());
    if (record->size() != header_->size()) {
        return fail(row_malformed,
                    fmt::format("{} values, {} columns", record->size(), header_->size()));
    }
    Values values;
    for (std::size_t i = 0; i < record->size(); ++i) {
        if (!(*record)[i].empty()) values.emplace((*header_)[i], std::move((*record)[i]));
    }
    return values;
}

Result<Values> Rows::take_json() {
    auto line = characters_.take_line();
    if (line.size() > longest_row) return fail(row_malformed, "too long");
    auto json = schema::parse_json(line);
    if (!json || !json->is_object()) return fail(row_malformed, "not one JSON object");
    Values values;
    for (const auto& member : json->as_object()) {
        std::string name(member.key());
        auto text = text_of(member.value());
        if (!contains(columns_, name)) {
            return fail(row_malformed, fmt::format("there is no member {:?}", cut(name, 64)));
        }
        if (!text) return fail(row_malformed, name + " is neither text, number nor true or false");
        if (!text->empty()) values.emplace(std::move(name), std::move(*text));
    }
    return values;
}

}  // namespace cardea::sign_in::importing
