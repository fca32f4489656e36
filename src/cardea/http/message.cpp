#include "cardea/http/message.hpp"

#include <algorithm>
#include <array>
#include <boost/assert.hpp>

#include "cardea/base/text.hpp"

namespace cardea::http {

namespace {

constexpr std::array<std::string_view, 7> method_names{"GET",   "HEAD",   "POST",   "PUT",
                                                       "PATCH", "DELETE", "OPTIONS"};

bool breaks_lines(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos;
}

auto named(std::string_view name) {
    return [name](const Headers::Field& field) { return equal_ignoring_case(field.name, name); };
}

}  // namespace

std::string_view to_string(Method method) {
    return method_names[static_cast<std::size_t>(method)];
}

std::optional<Method> method_from(std::string_view text) {
    auto found = std::ranges::find(method_names, text);
    if (found == method_names.end()) return std::nullopt;
    return static_cast<Method>(found - method_names.begin());
}

Headers::Headers(std::initializer_list<Field> fields) {
    fields_.reserve(fields.size());
    for (const auto& field : fields) add(field.name, field.value);
}

std::string_view Headers::get(std::string_view name) const {
    auto found = std::ranges::find_if(fields_, named(name));
    return found == fields_.end() ? std::string_view() : std::string_view(found->value);
}

bool Headers::has(std::string_view name) const {
    return std::ranges::any_of(fields_, named(name));
}

std::size_t Headers::count(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::count_if(fields_, named(name)));
}

void Headers::set(std::string_view name, std::string value) {
    remove(name);
    add(name, std::move(value));
}

void Headers::add(std::string_view name, std::string value) {
    if (breaks_lines(name) || breaks_lines(value)) {
        BOOST_ASSERT_MSG(false, "a header field with a line break");
        return;
    }
    fields_.push_back({std::string(name), std::move(value)});
}

void Headers::remove(std::string_view name) {
    std::erase_if(fields_, named(name));
}

std::string media_type(std::string_view content_type) {
    return ascii_lower(trim(content_type.substr(0, content_type.find(';'))));
}

}  // namespace cardea::http
