// Looking at the members of a peer's JSON, for this module's sources.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/http/message.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/oauth/provider.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::oauth {

inline constexpr std::string_view answer_prefix = "token_response:";
inline constexpr std::string_view callback_prefix = "callback:";
inline constexpr std::string_view claim_prefix = "claim:";

/// The member's text; nothing when it is absent or something else.
inline std::optional<std::string_view> text_of(const schema::JsonObject& object,
                                               std::string_view name) {
    const schema::Json* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return std::string_view(value->get_string());
}

/// The value at an RFC 6901 pointer; null when there is none.
const schema::Json* at_pointer(const schema::Json& root, std::string_view pointer);
/// The first pointer at which something other than null stands.
const schema::Json* first_of(const schema::Json& root, const std::vector<std::string>& pointers);
/// A text, integer or truth value as text; nothing for anything else.
std::optional<std::string> plain_text(const schema::Json& value);

/// What an endpoint of the authorization server answered (RFC 6749 section 5): a JSON object, or
/// the error that it reports, with the reasons of requests.hpp.
Result<schema::Json> read_answer(const Provider& provider, const http::Response& response);

/// `oauth.provider_error`, with the delay that the answer's Retry-After asks for: at most a day.
Error passing(const http::Response& response, std::string detail);

/// The URL with the parameters behind what it has of a query.
std::string with_query(std::string_view url, const http::Parameters& parameters);

/// Whether the whole value matches; nothing when the pattern is no regular expression.
std::optional<bool> matches_pattern(const std::string& value, const std::string& pattern);

/// Everything in the row that may name a variable.
std::vector<std::string*> templates_of(Provider& provider);
std::vector<Texts*> template_tables_of(Provider& provider);

}  // namespace cardea::oauth
