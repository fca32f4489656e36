#include "cardea/http/parameters.hpp"

#include <algorithm>

#include "cardea/base/text.hpp"

namespace cardea::http {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

enum class Plus { is_plus, is_space };

std::optional<std::string> decode(std::string_view text, Plus plus) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus == Plus::is_space) {
            result += ' ';
        } else if (text[i] != '%') {
            result += text[i];
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            int high = hex_digit(text[i + 1]);
            int low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            result += static_cast<char>(high << 4 | low);
            i += 2;
        }
    }
    return result;
}

Result<std::string> read_part(std::string_view text) {
    auto part = decode(text, Plus::is_space);
    if (!part) return fail(parameters_malformed, "a % without two hex digits");
    if (!is_utf8(*part)) return fail(parameters_malformed, "not UTF-8");
    if (part->find('\0') != part->npos) return fail(parameters_malformed, "a NUL");
    return std::move(*part);
}

auto named(std::string_view name) {
    return [name](const Parameters::Parameter& parameter) { return parameter.first == name; };
}

}  // namespace

std::string percent_encode(std::string_view text) {
    std::string result;
    result.reserve(text.size() + text.size() / 4);
    append_encoded(result, text);
    return result;
}

void append_encoded(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (char c : text) {
        if (is_unreserved(c)) {
            out += c;
            continue;
        }
        auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
}

std::optional<std::string> percent_decode(std::string_view text) {
    return decode(text, Plus::is_plus);
}

Result<Parameters> Parameters::parse(std::string_view text) {
    Parameters parameters;
    while (!text.empty()) {
        auto end = text.find('&');
        auto piece = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        if (piece.empty()) continue;
        if (parameters.size() == limit) return fail(parameters_malformed, "too many parameters");
        auto equals = piece.find('=');
        auto name = read_part(piece.substr(0, equals));
        if (!name) return std::unexpected(name.error());
        auto value = read_part(equals == piece.npos ? "" : piece.substr(equals + 1));
        if (!value) return std::unexpected(value.error());
        parameters.add(std::move(*name), std::move(*value));
    }
    return parameters;
}

std::optional<std::string_view> Parameters::get(std::string_view name) const {
    auto found = std::ranges::find_if(list_, named(name));
    if (found == list_.end()) return std::nullopt;
    return found->second;
}

std::optional<std::string_view> Parameters::only(std::string_view name) const {
    return count(name) == 1 ? get(name) : std::nullopt;
}

std::size_t Parameters::count(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::count_if(list_, named(name)));
}

void Parameters::add(std::string name, std::string value) {
    list_.emplace_back(std::move(name), std::move(value));
}

std::string Parameters::encode() const {
    std::string text;
    append_to(text);
    return text;
}

void Parameters::append_to(std::string& out) const {
    std::size_t size = out.size();
    for (const auto& [name, value] : list_) size += name.size() + value.size() * 5 / 4 + 2;
    out.reserve(size);
    bool first = true;
    for (const auto& [name, value] : list_) {
        if (!first) out += '&';
        first = false;
        append_encoded(out, name);
        out += '=';
        append_encoded(out, value);
    }
}

}  // namespace cardea::http
