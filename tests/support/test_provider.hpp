// A provider with every endpoint set, for pure protocol tests.
#pragma once

#include "cardea/oauth/provider.hpp"

namespace cardea::oauth {

inline Provider test_provider() {
    Provider provider;
    provider.name = "example";
    provider.title = "Example";
    provider.issuer = "https://idp.example";
    provider.authorization_endpoint = "https://idp.example/authorize";
    provider.token_endpoint = "https://idp.example/token";
    provider.userinfo_endpoint = "https://idp.example/userinfo";
    provider.jwks_uri = "https://idp.example/jwks";
    provider.revocation_endpoint = "https://idp.example/revoke";
    provider.client_id = "client-1";
    provider.client_secret = SecretText("secret-1");
    provider.scopes = {"openid", "email"};
    return provider;
}

}  // namespace cardea::oauth
