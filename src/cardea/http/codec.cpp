#include "cardea/http/codec.hpp"

#include <algorithm>

#include "cardea/base/text.hpp"
#include "cardea/http/route.hpp"

namespace cardea::http {

namespace {

/// Every charset parameter of a Content-Type must be UTF-8; readers that believed another one would
/// see other characters than we do.
bool is_utf8_charset(std::string_view content_type) {
    auto pieces = split(content_type, ';');
    return std::ranges::all_of(pieces.begin() + 1, pieces.end(), [](std::string_view piece) {
        auto equals = piece.find('=');
        if (!equal_ignoring_case(trim(piece.substr(0, equals)), "charset")) return true;
        auto value = equals == piece.npos ? "" : trim(piece.substr(equals + 1), " \t\"");
        return equal_ignoring_case(value, "utf-8");
    });
}

bool is_type(const Request& request, std::string_view type) {
    auto content_type = request.headers.get("Content-Type");
    return request.headers.count("Content-Type") == 1 && media_type(content_type) == type &&
           is_utf8_charset(content_type);
}

bool knows(const schema::Shape& shape, std::string_view name) {
    if (shape.members == nullptr) return false;
    return std::ranges::any_of(
        shape.members(), [name](const schema::MemberShape& member) { return member.name == name; });
}

}  // namespace

Result<void> check_is_json(const Request& request) {
    if (!is_type(request, "application/json")) return fail(content_type_wrong);
    return {};
}

Result<Parameters> form_parameters(const Request& request) {
    if (!is_type(request, "application/x-www-form-urlencoded")) return fail(form_type_wrong);
    return Parameters::parse(request.body);
}

namespace detail {

bool has_body_input(const Exchange& exchange) {
    auto method = exchange.request.method;
    return method == Method::post || method == Method::put || method == Method::patch;
}

bool needs_no_body(const Exchange& exchange, const schema::Shape& shape) {
    const auto& request = exchange.request;
    if (!request.body.empty() || request.headers.has("Content-Type")) return false;
    if (shape.members == nullptr) return false;
    auto in_path = [&](const schema::MemberShape& member) {
        return std::ranges::any_of(exchange.path_parameters, [&](const auto& parameter) {
            return parameter.first == member.name;
        });
    };
    return std::ranges::all_of(shape.members(), in_path);
}

bool takes_a_form(const Exchange& exchange) {
    return exchange.route != nullptr && exchange.route->takes_a_form();
}

void add_known(std::vector<schema::NamedText>& texts, const Parameters& parameters,
               const schema::Shape& shape) {
    for (const auto& [name, value] : parameters) {
        if (knows(shape, name)) texts.push_back({name, value});
    }
}

Result<std::vector<schema::NamedText>> texts_of(const Exchange& exchange,
                                                const schema::Shape& shape) {
    std::vector<schema::NamedText> texts;
    for (const auto& [name, text] : exchange.path_parameters) {
        if (knows(shape, name)) texts.push_back({std::string(name), text});
    }
    if (has_body_input(exchange) || exchange.query().empty()) return texts;
    auto query = exchange.query_parameters();
    if (!query) return std::unexpected(query.error());
    add_known(texts, *query, shape);
    return texts;
}

Response json_response(int status, std::string json) {
    Response response{status, {}, std::move(json)};
    response.headers.add("Content-Type", "application/json");
    return response;
}

}  // namespace detail
}  // namespace cardea::http
