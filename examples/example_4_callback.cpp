// Example 4 of the original document: the endpoint that providers send people back to.
#include <fmt/format.h>

#include <cstdio>

#include "cardea/embed/oauth_authentication.hpp"
#include "cardea/http/responses.hpp"
#include "cardea/oauth/authorization.hpp"
#include "examples/example_provider.hpp"

using namespace cardea;

namespace {

// What a web framework hands over: the parameters of the query, decoded.
struct Query {
    SecretText code;
    std::string state;
    std::string iss;
};

Query read(const std::string& text) {
    auto parameters = http::Parameters::parse(text).value();
    auto value = [&](std::string_view name) {
        return std::string(parameters.only(name).value_or(""));
    };
    return {SecretText(value("code")), value("state"), value("iss")};
}

std::string user_json(const oauth::Profile& profile) {
    schema::JsonObject user{{"id", profile.subject},
                            {"email", profile.email.value_or("")},
                            {"email_verified", profile.email_verified},
                            {"name", profile.name.value_or("")}};
    schema::Json answer = schema::JsonObject{{"user", std::move(user)}};
    return schema::write_json(answer);
}

// @app.get("/auth/callback"): `binding` is the cookie that example 3 has set.
http::Response oauth_callback(OAuthAuthentication& oauth, const Query& query, SecretText binding) {
    std::string provider(oauth::provider_of_state(query.state));
    auto token_data = oauth.exchange_code_for_token(provider, query.code, query.state,
                                                    std::move(binding), query.iss);
    if (!token_data) return http::responses::unauthorized(token_data.error().reason().text);
    auto user_info = oauth.get_user_info_from_provider(provider, token_data->tokens.access_token);
    if (!user_info) return http::responses::internal_server_error("Failed to fetch user info");
    return http::responses::ok(user_json(*user_info));
}

}  // namespace

int main() {
    example::Provider provider;
    OAuthAuthentication::Options options{.debug = true, .insecure_allow_loopback = true};
    OAuthAuthentication oauth(provider.toml(), provider.environment(), options);
    auto authorization = oauth.generate_oauth_authorization_url("google");
    if (!authorization) return authorization.error().status();
    auto query = read(provider.consent(authorization->url));

    auto response = oauth_callback(oauth, query, authorization->binding);
    fmt::print("{}: {}\n", response.status, response.body);
    // The same callback a second time: its state is used up.
    auto again = oauth_callback(oauth, query, authorization->binding);
    fmt::print("{}: {}\n", again.status, again.body);

    const bool worked = response.status == 200 && again.status == 401;
    fmt::print("signed in once: {}\n", worked);
    return worked ? options.success : options.error;
}
