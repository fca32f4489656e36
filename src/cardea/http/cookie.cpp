#include "cardea/http/cookie.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "cardea/base/text.hpp"

namespace cardea::http {

namespace {

bool is_token_character(char c) {
    constexpr std::string_view separators = "()<>@,;:\\\"/[]?={}";
    return c > 0x20 && c < 0x7F && separators.find(c) == separators.npos;
}

/// cookie-octet of RFC 6265 section 4.1.1.
bool is_cookie_octet(char c) {
    constexpr std::string_view excluded = "\",;\\";
    return c > 0x20 && c < 0x7F && excluded.find(c) == excluded.npos;
}

bool is_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_token_character);
}

bool is_value(std::string_view text) {
    return std::ranges::all_of(text, is_cookie_octet);
}

std::string_view text_of(SameSite same_site) {
    switch (same_site) {
        case SameSite::strict:
            return "Strict";
        case SameSite::lax:
            return "Lax";
        case SameSite::none:
            return "None";
    }
    return "Strict";
}

}  // namespace

Cookies::Cookies(const Headers& headers) {
    for (const auto& field : headers) {
        if (!equal_ignoring_case(field.name, "cookie")) continue;
        std::string_view rest = field.value;
        while (!rest.empty()) {
            auto end = rest.find(';');
            auto pair = trim(rest.substr(0, end), " \t");
            rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
            auto equals = pair.find('=');
            if (equals == pair.npos) continue;
            auto name = pair.substr(0, equals);
            auto value = pair.substr(equals + 1);
            if (!is_name(name)) continue;
            if (is_value(value)) {
                pairs_.emplace_back(name, value);
            } else {
                malformed_.push_back(name);
            }
        }
    }
}

std::optional<std::string_view> Cookies::get(std::string_view name) const {
    if (count(name) != 1) return std::nullopt;
    return std::ranges::find(pairs_, name, [](const auto& pair) { return pair.first; })->second;
}

bool Cookies::is_malformed(std::string_view name) const {
    return std::ranges::find(malformed_, name) != malformed_.end();
}

std::size_t Cookies::count(std::string_view name) const {
    return static_cast<std::size_t>(
        std::ranges::count(pairs_, name, [](const auto& pair) { return pair.first; }));
}

std::string to_text(const SetCookie& cookie) {
    bool host_bound = cookie.name.starts_with("__Host-");
    auto path = host_bound ? std::string_view("/") : std::string_view(cookie.path);
    bool sound =
        is_name(cookie.name) && is_value(cookie.value) && path.starts_with('/') && is_value(path);
    if (!sound) throw std::logic_error("a cookie that cannot be written");
    auto text = fmt::format("{}={}; Path={}", cookie.name, cookie.value, path);
    if (cookie.max_age) text += fmt::format("; Max-Age={}", cookie.max_age->count());
    if (cookie.secure || host_bound) text += "; Secure";
    text += "; HttpOnly; SameSite=";
    text += text_of(cookie.same_site);
    return text;
}

SetCookie removal_of(SetCookie cookie) {
    cookie.value.clear();
    cookie.max_age = Seconds(0);
    return cookie;
}

}  // namespace cardea::http
