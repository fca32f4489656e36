// Example 9 of the original document: tokens are renewed before they expire.
//
// inject_crons() starts the jobs of `[Crons]`; `renew_oaths` is one of them. What it does can also
// be called: here the provider's tokens live three seconds, so there is soon one to renew.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "cardea/embed/oauth_authentication.hpp"
#include "examples/example_provider.hpp"

using namespace cardea;

namespace {

Result<ExchangedTokens> sign_in(OAuthAuthentication& oauth, example::Provider& provider) {
    auto authorization = oauth.generate_oauth_authorization_url("google");
    if (!authorization) return std::unexpected(authorization.error());
    auto query = provider.consent(authorization->url);
    return oauth.exchange_callback("google", query, authorization->binding);
}

// Until something was due.
Result<std::size_t> renew_when_due(OAuthAuthentication& oauth) {
    for (;;) {
        auto renewed = oauth.renew_oaths();
        if (!renewed || *renewed > 0) return renewed;
        std::this_thread::sleep_for(100ms);
    }
}

int complain(const Error& error) {
    fmt::print(stderr, "{}\n", error.describe());
    return error.status();
}

}  // namespace

int main() {
    example::Provider provider(3s);
    OAuthAuthentication::Options options{.debug = true, .insecure_allow_loopback = true};
    OAuthAuthentication oauth(provider.toml(), provider.environment(), options);
    auto signed_in = sign_in(oauth, provider);
    if (!signed_in) return complain(signed_in.error());

    auto renewed = renew_when_due(oauth);
    if (!renewed) return complain(renewed.error());
    fmt::print("renewed {}\n", *renewed);
    auto token = oauth.fresh_token(signed_in->connection);
    if (!token) return complain(token.error());
    const bool is_new = !(token->access_token == signed_in->tokens.access_token);
    fmt::print("the token is a new one: {}\n", is_new);

    // From now on by itself, for as long as `oauth` lives.
    auto crons = oauth.inject_crons();
    if (!crons) return complain(crons.error());
    return is_new ? options.success : options.error;
}
