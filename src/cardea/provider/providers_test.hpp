// What the tests of Providers share: a database, a clock, a fake provider and the service.
#pragma once

#include <gtest/gtest.h>

#include "cardea/oauth/authorization.hpp"
#include "cardea/provider/providers.hpp"
#include "tests/support/database.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_provider.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea::provider {

class ProvidersTest : public testing::Test {
  protected:
    ProvidersTest() { make_providers(); }

    void make_providers() {
        Options options;
        options.public_url = "https://app.example";
        options.redirect_uri = redirect_uri;
        options.settings = settings;
        options.environment = [this](const std::string& name) -> std::optional<SecretText> {
            auto at = environment.find(name);
            if (at == environment.end()) return std::nullopt;
            return SecretText(at->second);
        };
        Providers::Parts parts{*database, idp, keyring, clock, random};
        providers = std::make_unique<Providers>(parts, std::move(options));
    }
    template <class T>
    Result<T> run(Task<T> task) {
        return database.run(std::move(task));
    }
    /// The slug of what it failed with; empty when it did not.
    template <class T>
    static std::string refusal(const Result<T>& result) {
        return result ? "" : std::string(result.error().reason().slug);
    }
    Result<oauth::TokenSet> renew(const std::string& name, SecretText refresh_token) {
        oauth::TokenSet kept;
        kept.refresh_token = std::move(refresh_token);
        return run(providers->renew(name, std::move(kept)));
    }
    /// Adds the fake provider to the table.
    void add_fake(const std::string& name = "fake") {
        auto added = run(providers->add(name, idp.row()));
        ASSERT_TRUE(added) << added.error().describe();
    }
    /// A code as a browser brings it back.
    Result<oauth::AuthorizationCode> sign_in(const std::string& name = "fake") {
        auto provider = run(providers->ready(name));
        if (!provider) return std::unexpected(provider.error());
        oauth::Beginning beginning{providers->redirect_uri(**provider), "/", "cookie"};
        auto begun = oauth::begin(**provider, std::move(beginning), random, clock.now());
        auto authorization = run(providers->push(*provider, std::move(begun)));
        if (!authorization) return std::unexpected(authorization.error());
        auto callback = oauth::read_callback(name, idp.authorize(authorization->url));
        if (!callback) return std::unexpected(callback.error());
        return oauth::check_callback(**provider, authorization->pending, *callback, clock.now());
    }
    Result<Exchanged> exchange(const std::string& name = "fake") {
        auto code = sign_in(name);
        if (!code) return std::unexpected(code.error());
        return run(providers->exchange(std::move(*code)));
    }
    /// Lets the endpoint fail in each way. `attempt` gives the slug of what it was refused with.
    void expect_failures_told(const std::string& endpoint,
                              const std::function<std::string()>& attempt) {
        using Failure = FakeProvider::Failure;
        auto fails_with = [&](Failure failure, const Reason& reason, const char* what) {
            idp.fail(endpoint, failure);
            EXPECT_EQ(attempt(), reason.slug) << what;
        };
        fails_with(Failure::hang, timeout, "hang");
        fails_with(Failure::broken, failed, "broken");
        fails_with(Failure::status_500, failed, "500");
        fails_with(Failure::busy, failed, "503");
        fails_with(Failure::html, failed, "html");
        fails_with(Failure::garbage, failed, "garbage");
        fails_with(Failure::ten_megabytes, failed, "10 MB");
        fails_with(Failure::cut_off, failed, "cut off");
    }
    std::vector<std::string> enabled_names() {
        std::vector<std::string> names;
        auto enabled = run(providers->enabled());
        EXPECT_TRUE(enabled);
        if (enabled)
            for (const auto& provider : *enabled) names.push_back(provider->name);
        return names;
    }

    FakeClock clock;
    SeededRandom random;
    TestDatabase database;
    FakeProvider idp{clock, random};
    crypto::Keyring keyring = crypto::Keyring::from_secrets(
                                  {SecretText("pV3m-Kq8.Zt1xWc7_Lr5yBn2HdGf9sJa0UeOiTk6")}, random)
                                  .value();
    std::map<std::string, std::string> environment;
    Settings settings;
    std::string redirect_uri;
    std::unique_ptr<Providers> providers;
};

}  // namespace cardea::provider
