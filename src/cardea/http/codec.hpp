// Requests to described structs, described structs to answers: what stands between the wire and a
// handler.
#pragma once

#include <string>
#include <type_traits>

#include "cardea/http/exchange.hpp"
#include "cardea/http/reply.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::http {

inline constexpr Reason content_type_wrong{
    Code::unsupported_media, "request.content_type",
    "The body must be JSON in UTF-8, with Content-Type: application/json."};
inline constexpr Reason form_type_wrong{
    Code::unsupported_media, "request.form_type",
    "The body must be a form in UTF-8, with Content-Type: application/x-www-form-urlencoded."};

/// Fails with `request.content_type` unless the body is said to be JSON in UTF-8.
Result<void> check_is_json(const Request& request);
/// The form in the body; duplicates are visible. Fails with `request.form_type` or
/// `request.parameters`.
Result<Parameters> form_parameters(const Request& request);

namespace detail {
/// Path parameters, and for GET, HEAD and DELETE those of the query that the shape knows.
Result<std::vector<schema::NamedText>> texts_of(const Exchange& exchange,
                                                const schema::Shape& shape);
/// Adds the parameters that the shape knows.
void add_known(std::vector<schema::NamedText>& texts, const Parameters& parameters,
               const schema::Shape& shape);
bool has_body_input(const Exchange& exchange);
/// Nothing was sent, and nothing is wanted: every member stands in the path.
bool needs_no_body(const Exchange& exchange, const schema::Shape& shape);
bool takes_a_form(const Exchange& exchange);
Response json_response(int status, std::string json);

template <class T>
inline constexpr bool is_reply = false;
template <class T>
inline constexpr bool is_reply<Reply<T>> = true;
}  // namespace detail

/// In from path parameters and an HTML form in the body. For pages, which show each error beside
/// its field. Fields that In does not have are ignored.
template <class In>
Result<In> decode_form(const Exchange& exchange) {
    auto texts = detail::texts_of(exchange, schema::shape_of<In>());
    if (!texts) return std::unexpected(texts.error());
    auto form = form_parameters(exchange.request);
    if (!form) return std::unexpected(form.error());
    detail::add_known(*texts, *form, schema::shape_of<In>());
    return schema::read_texts<In>(*texts);
}

/// In from path parameters and, for GET, HEAD and DELETE, the query; for other methods the JSON
/// body, or a form where the route takes one. JSON members that In does not have are refused by
/// name; so is a parameter that stands twice. Other unknown query parameters are ignored. Where
/// everything stands in the path, no body has to be sent.
template <class In>
Result<In> decode(const Exchange& exchange) {
    if (detail::takes_a_form(exchange)) return decode_form<In>(exchange);
    auto texts = detail::texts_of(exchange, schema::shape_of<In>());
    if (!texts) return std::unexpected(texts.error());
    bool path_only = detail::needs_no_body(exchange, schema::shape_of<In>());
    if (path_only || !detail::has_body_input(exchange)) return schema::read_texts<In>(*texts);
    auto json_type = check_is_json(exchange.request);
    if (!json_type) return std::unexpected(json_type.error());
    auto body = schema::parse_json(exchange.request.body);
    if (!body) return std::unexpected(body.error());
    return schema::read_texts<In>(*texts, &*body);
}

/// The answer for what a handler returned.
template <class Out>
Response encode(Out&& out) {
    using Plain = std::remove_cvref_t<Out>;
    if constexpr (std::is_same_v<Plain, Response>) {
        return std::forward<Out>(out);
    } else if constexpr (std::is_same_v<Plain, NoContent>) {
        return Response{204, {}, {}};
    } else if constexpr (std::is_same_v<Plain, Reply<NoContent>>) {
        return Response{out.status, std::move(out.headers), {}};
    } else if constexpr (detail::is_reply<Plain>) {
        Response response = detail::json_response(out.status, schema::write_json(out.body));
        for (const auto& field : out.headers) response.headers.add(field.name, field.value);
        return response;
    } else {
        return detail::json_response(200, schema::write_json(out));
    }
}

}  // namespace cardea::http
