// For the tests of OAuthAuthentication: one on a database file, with providers behind real sockets.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cardea/account/accounts.hpp"
#include "cardea/db/sqlite/sqlite.hpp"
#include "cardea/embed/oauth_authentication.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/http/url.hpp"
#include "tests/support/listening_provider.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temp_folder.hpp"

namespace cardea {

/// Why something was refused; empty when it was not.
template <class T>
std::string refusal(const Result<T>& result) {
    return result ? "" : std::string(result.error().reason().slug);
}

/// What came back from a provider, taken apart as a web framework does.
struct Answer {
    explicit Answer(const std::string& query) {
        auto parsed = http::Parameters::parse(query).value();
        auto value = [&](std::string_view name) {
            return std::string(parsed.get(name).value_or(""));
        };
        code = SecretText(value("code"));
        state = value("state");
        iss = value("iss");
    }
    SecretText code;
    std::string state;
    std::string iss;
};

class OAuthFixture : public testing::Test {
  protected:
    OAuthFixture() { open(); }

    void open() {
        oauth.reset();
        auto opened = OAuthAuthentication::open(toml(), environment(), options());
        if (!opened) throw std::runtime_error(opened.error().describe());
        oauth = std::move(*opened);
    }
    static OAuthAuthentication::Options options() {
        return {.success = 0, .error = 84, .debug = true, .insecure_allow_loopback = true};
    }
    std::string database_path() const { return folder.path() + "/cardea.db"; }
    Environment environment() const {
        Environment::Variables variables{
            {"SECRET_KEY", "a text with enough variety 0123456789 AbCdEfGh"},
            {"DATABASE_URL", "sqlite:" + database_path()},
            {"REDIRECT_URI", "https://app.example/auth/callback/{provider}"}};
        return Environment(variables);
    }
    TomlConfiguration toml() const {
        auto text = row("idp", idp) + row("other", other) + more_toml;
        return TomlConfiguration::parse(text).value();
    }
    static std::string row(const std::string& name, const ListeningProvider& provider) {
        return "[OAuth.providers." + name + "]\nissuer = \"" + provider.issuer() +
               "\"\nclient_id = \"cardea:client/1\"\nclient_secret = \"s3cret: /%+\"\n"
               "scopes = [\"openid\", \"email\", \"profile\"]\n"
               "profile = { email_trust = \"claim\" }\n";
    }

    Result<ExchangedTokens> exchange(const AuthorizationUrl& begun, const std::string& query,
                                     const std::string& provider = "idp") {
        Answer answer(query);
        return oauth->exchange_code_for_token(provider, answer.code, answer.state, begun.binding,
                                              answer.iss);
    }
    AuthorizationUrl begin(const std::string& provider = "idp") {
        return oauth->generate_oauth_authorization_url(provider).value();
    }
    /// The whole round.
    Result<ExchangedTokens> sign_in() {
        auto begun = begin();
        return exchange(begun, idp.authorize(begun.url));
    }

    template <class F>
    auto on_database(F f) {
        asio::io_context io(1);
        db::sqlite::Options file;
        file.path = database_path();
        auto database = db::sqlite::open(io.get_executor(), file).value();
        auto result = cardea::run(io, f(*database)).value();
        database->close();
        return result;
    }

    /// What another process would do to the same file.
    db::Rows sql(std::string_view text, db::Values values = {}) {
        db::Statement statement{"test.sql", text};
        return on_database(
            [&](db::Database& database) { return database.run(statement, std::move(values)); });
    }
    std::string new_account(const std::string& email) {
        SystemClock clock;
        crypto::SystemRandom random;
        account::Accounts accounts(clock, random);
        account::NewAccount wish;
        wish.email = account::Email::parse(email).value();
        return on_database([&](db::Database& database) {
                   return accounts.create(database, std::move(wish));
               })
            .id;
    }
    std::string more_toml;
    TempFolder folder;
    ListeningProvider idp;
    ListeningProvider other;
    std::unique_ptr<OAuthAuthentication> oauth;
};

}  // namespace cardea
