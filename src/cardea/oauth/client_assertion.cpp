// Making what proves the client.
#include "cardea/oauth/client_assertion.hpp"

#include "cardea/base/encoding.hpp"
#include "cardea/jose/jwt.hpp"
#include "cardea/oauth/template.hpp"

namespace cardea::oauth {

namespace {

jose::Algorithm algorithm_of(AssertionAlg alg) {
    switch (alg) {
        case AssertionAlg::ES256:
            return jose::Algorithm::ES256;
        case AssertionAlg::RS256:
            return jose::Algorithm::RS256;
        case AssertionAlg::PS256:
            return jose::Algorithm::PS256;
    }
    return jose::Algorithm::ES256;
}

std::string filled(const Provider& provider, const std::string& text) {
    return fill(text, [&](std::string_view name) {
        return name == "client_id" ? std::optional(provider.client_id) : std::nullopt;
    });
}

schema::JsonObject claims_of(const Provider& provider, const ClientAssertion& rules,
                             crypto::Random& random, Instant now) {
    auto issued = to_unix_seconds(now);
    const auto& audience = rules.audience.empty() ? provider.token_endpoint : rules.audience;
    return {{"iss", filled(provider, rules.issuer)},
            {"sub", provider.client_id},
            {"aud", audience},
            {"iat", issued},
            {"exp", issued + rules.lifetime.count()},
            {"jti", to_base64url(random.bytes(16))}};
}

}  // namespace

bool has_previous_secret(const Provider& provider) {
    return !provider.client_secret_previous.empty() &&
           provider.client_secret_previous != provider.client_secret;
}

Provider with_previous_secret(const Provider& provider) {
    Provider before = provider;
    before.client_secret = provider.client_secret_previous;
    if (before.client_assertion && !before.client_assertion->key_id_previous.empty())
        before.client_assertion->key_id = before.client_assertion->key_id_previous;
    return before;
}

bool needs_assertion(const Provider& provider) {
    return provider.client_assertion.has_value();
}

Result<Provider> with_assertion(const Provider& provider, crypto::Random& random, Instant now) {
    ClientAssertion rules = provider.client_assertion.value_or(ClientAssertion{});
    auto key = jose::Key::from_private_pem(provider.client_secret, filled(provider, rules.key_id));
    if (!key) return fail(client_key_unusable, key.error());
    auto claims = claims_of(provider, rules, random, now);
    auto assertion = jose::sign(*key, algorithm_of(rules.alg), claims);
    if (!assertion) return fail(client_key_unusable, assertion.error());
    Provider armed = provider;
    armed.assertion = SecretText(std::move(*assertion));
    return armed;
}

}  // namespace cardea::oauth
