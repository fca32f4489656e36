#include "cardea/http/exchange.hpp"

#include <algorithm>

#include "cardea/base/text.hpp"

namespace cardea::http {

std::string_view Exchange::parameter(std::string_view name) const {
    for (const auto& [parameter, text] : path_parameters) {
        if (parameter == name) return text;
    }
    return {};
}

std::string_view Exchange::query() const {
    std::string_view target = request.target;
    auto mark = target.find('?');
    return mark == target.npos ? std::string_view() : target.substr(mark + 1);
}

bool Exchange::is_safe() const {
    return request.method == Method::get || request.method == Method::head ||
           request.method == Method::options;
}

bool Exchange::accepts(std::string_view type) const {
    auto ranges = split(request.headers.get("Accept"), ',');
    return std::ranges::any_of(
        ranges, [type](std::string_view range) { return media_type(range) == type; });
}

}  // namespace cardea::http
