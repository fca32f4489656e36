// Reading what was answered to a pushed authorization request.
#include "cardea/oauth/pushed_authorization.hpp"

#include <algorithm>

#include "cardea/oauth/members.hpp"
#include "cardea/oauth/requests.hpp"

namespace cardea::oauth {

namespace {

constexpr std::size_t request_uri_limit = 1024;

/// The characters of a URI (RFC 3986 section 2), with a colon after its scheme. It is escaped in
/// the authorization URL: this refuses what is no answer of a provider's.
bool is_uri(std::string_view text) {
    constexpr std::string_view marks = "-._~:/?#[]@!$&'()*+,;=%";
    auto fits = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               marks.contains(c);
    };
    auto colon = text.find(':');
    return colon != text.npos && colon > 0 && std::ranges::all_of(text, fits);
}

}  // namespace

bool is_pushed(const Provider& provider) {
    return provider.par != Par::never && !provider.pushed_authorization_request_endpoint.empty();
}

Result<PushedAuthorization> read_pushed_authorization(const Provider& provider,
                                                      const http::Response& response) {
    // RFC 9126 section 2.2 knows JSON alone.
    Provider writes_json = provider;
    writes_json.token_answer_format = AnswerFormat::json;
    // It tells success by its status and a request_uri; what tokens come with is not theirs to say.
    writes_json.token_answer.success.clear();
    auto answer = read_answer(writes_json, response);
    // There is no permission yet that could be withdrawn.
    if (!answer && answer.error().is(consent_withdrawn))
        return fail(provider_error, answer.error());
    if (!answer) return std::unexpected(answer.error());
    const auto& members = answer->get_object();
    auto request_uri = text_of(members, "request_uri");
    if (!request_uri || request_uri->size() > request_uri_limit || !is_uri(*request_uri))
        return fail(answer_malformed, "request_uri");
    return PushedAuthorization{std::string(*request_uri)};
}

std::string pushed_authorization_url(const Provider& provider, std::string_view request_uri) {
    http::Parameters parameters{{provider.client_id_param, provider.client_id},
                                {"request_uri", std::string(request_uri)}};
    return with_query(provider.authorization_endpoint, parameters);
}

}  // namespace cardea::oauth
