#include "server/emulator/client_check.hpp"

#include "cardea/base/encoding.hpp"
#include "cardea/base/equal.hpp"
#include "cardea/jose/jwt.hpp"

namespace cardea::emulator {
namespace {

std::string one(const http::Parameters& parameters, std::string_view name) {
    return std::string(parameters.only(name).value_or(""));
}

std::string form_decoded(std::string text) {
    for (char& c : text)
        if (c == '+') c = ' ';
    return http::percent_decode(text).value_or("");
}

struct Pair {
    std::string user;
    std::string password;
};
std::string basic_text(const http::Request& request) {
    std::string_view header = request.headers.get("Authorization");
    auto bytes = header.starts_with("Basic ") ? from_base64(header.substr(6)) : std::nullopt;
    return bytes ? to_text(*bytes) : "";
}
Pair pair_of(const std::string& text) {
    auto colon = text.find(':');
    if (colon == std::string::npos) return {};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

bool is(const std::string& given, const SecretText& expected) {
    return constant_time_equal(given, expected.reveal());
}

std::string problem_with_basic(const ClientCheck& check, Pair pair, bool encoded) {
    if (encoded) pair = {form_decoded(pair.user), form_decoded(pair.password)};
    bool right = pair.user == check.client.id && is(pair.password, check.client.secret);
    return right ? "" : "the Basic credentials are not the client's";
}

std::string text_in(const schema::JsonObject& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::int64_t number_in(const schema::JsonObject& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

/// The secret is a JWT, signed with the client's key and made for this provider.
std::string problem_with_signature(const ClientCheck& check, const std::string& secret) {
    auto key = jose::Key::from_private_pem(check.client.secret, "");
    auto algorithm = jose::algorithm_from(check.behaviour.assertion->alg);
    auto token = jose::parse(secret);
    if (!key || !algorithm || !token) return "client_secret is no JWT";
    auto claims = jose::verify(*token, *key, {*algorithm});
    if (!claims) return "client_secret is not signed with the client's key";
    const AssertionDemand& demand = *check.behaviour.assertion;
    auto now = to_unix_seconds(check.now);
    bool fits = token->kid == demand.kid && text_in(*claims, "iss") == demand.iss &&
                text_in(*claims, "aud") == demand.aud &&
                text_in(*claims, "sub") == check.client.id && number_in(*claims, "exp") > now &&
                number_in(*claims, "iat") <= now && number_in(*claims, "exp") <= now + 15'777'000;
    return fits ? "" : "client_secret is for somebody else or for another time";
}

std::string problem_with_members(const ClientCheck& check, ClientProof wanted,
                                 const http::Parameters& parameters) {
    const Behaviour& behaviour = check.behaviour;
    if (one(parameters, behaviour.client_id_param) != check.client.id)
        return behaviour.client_id_param + " is not the client's";
    auto secret = one(parameters, behaviour.client_secret_param);
    if (wanted == ClientProof::none) return secret.empty() ? "" : "a secret that must not be sent";
    if (wanted == ClientProof::signed_secret) return problem_with_signature(check, secret);
    return is(secret, check.client.secret) ? "" : behaviour.client_secret_param + " is wrong";
}

}  // namespace

std::string problem_with_client(const ClientCheck& check, ClientProof wanted,
                                const http::Request& request, const http::Parameters& parameters) {
    bool in_header = wanted == ClientProof::basic || wanted == ClientProof::basic_raw ||
                     wanted == ClientProof::secret_as_username;
    // RFC 6749 section 2.3: one method a request.
    if (!in_header && request.headers.get("Authorization").starts_with("Basic "))
        return "Basic credentials that must not be sent";
    if (!in_header) return problem_with_members(check, wanted, parameters);
    if (parameters.count(check.behaviour.client_secret_param) > 0)
        return "the secret stands in the body as well";
    auto text = basic_text(request);
    if (wanted == ClientProof::secret_as_username)
        return text == check.client.secret.reveal() + ':' ? "" : "not the secret";
    return problem_with_basic(check, pair_of(text), wanted == ClientProof::basic);
}

}  // namespace cardea::emulator
