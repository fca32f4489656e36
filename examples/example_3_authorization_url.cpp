// Example 3 of the original document: an endpoint that sends people to a provider.
//
// With a config.toml and an .env of your own, `cardea::OAuthAuthentication oauth;` is all it takes.
// Here the configuration comes from the program, and Google is played by the emulator.
#include <fmt/format.h>

#include <cstdio>

#include "cardea/embed/oauth_authentication.hpp"
#include "cardea/http/cookie.hpp"
#include "cardea/http/responses.hpp"
#include "examples/example_provider.hpp"

using namespace cardea;

namespace {

// The cookie that keeps the sign-in in this browser. `__Host-` and Secure where there is TLS.
http::SetCookie binding_cookie(const SecretText& binding) {
    http::SetCookie cookie;
    cookie.name = "sign_in";
    cookie.value = binding.reveal();
    cookie.max_age = 10min;
    cookie.secure = false;
    return cookie;
}

// @app.get("/auth/google")
http::Response provider_login(OAuthAuthentication& oauth) {
    auto authorization = oauth.generate_oauth_authorization_url("google");
    if (!authorization)
        return http::responses::internal_server_error("Failed to generate OAuth URL");
    auto response = http::responses::see_other(authorization->url);
    response.headers.add("Set-Cookie", http::to_text(binding_cookie(authorization->binding)));
    return response;
}

}  // namespace

int main() {
    example::Provider provider;
    OAuthAuthentication::Options options{.debug = true, .insecure_allow_loopback = true};
    OAuthAuthentication oauth(provider.toml(), provider.environment(), options);

    auto response = provider_login(oauth);

    std::string location(response.headers.get("Location"));
    fmt::print("{}: {}\n", response.status, location);
    auto callback = provider.consent(location);
    // The provider liked it: it sends the browser back with a code.
    const bool worked = response.status == 303 && callback.starts_with("code=");
    fmt::print("the provider answers with a code: {}\n", worked);
    return worked ? options.success : options.error;
}
