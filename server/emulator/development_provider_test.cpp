// The development provider on its own port: reached through sockets, and only from this machine.
#include "server/emulator/development_provider.hpp"

#include <gtest/gtest.h>

#include "cardea/http/client/client.hpp"
#include "cardea/schema/json.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea::emulator {
namespace {

struct ListeningEmulator : testing::Test {
    ListeningEmulator() {
        http::ClientOptions options;
        options.insecure_allow_loopback = true;
        client = http::make_client(io.get_executor(), options);
    }
    std::unique_ptr<DevelopmentProvider> start(DevelopmentProvider::Options options = {}) {
        auto executor = io.get_executor();
        auto started = DevelopmentProvider::start(executor, clock, random, std::move(options));
        EXPECT_TRUE(started.has_value());
        return std::move(*started);
    }
    Result<http::Response> get(const std::string& url, const std::string& host = "") {
        http::Request request;
        request.target = url;
        if (!host.empty()) request.headers.set("Host", host);
        return run(io, client->send(std::move(request), {}));
    }
    void end(DevelopmentProvider& provider) {
        EXPECT_TRUE(run(io, provider.drain(5s)).has_value());
    }

    FakeClock clock;
    SeededRandom random;
    asio::io_context io{1};
    std::unique_ptr<http::Client> client;
};

TEST_F(ListeningEmulator, AnswersToLoopbackNamesOnly) {
    auto provider = start();

    auto answer = get(provider->issuer() + "/", "evil.example");

    EXPECT_EQ(answer->status, 421);
    end(*provider);
}

TEST_F(ListeningEmulator, TakesAnotherPortWhenTheOneItWantsIsTaken) {
    auto first = start();
    auto port = first->issuer().substr(first->issuer().rfind(':') + 1);
    DevelopmentProvider::Options options;
    options.port = static_cast<std::uint16_t>(std::stoi(port));

    auto second = start(std::move(options));

    EXPECT_NE(second->issuer(), first->issuer());
    end(*first);
    end(*second);
}

TEST_F(ListeningEmulator, KeepsItsClientSecretWhenItsSecretIsTheSame) {
    auto secret_with = [this](const char* text) {
        DevelopmentProvider::Options options;
        if (*text != '\0') options.secret = SecretText(text);
        auto provider = start(std::move(options));
        auto secret = provider->client_secret().reveal();
        end(*provider);
        return secret;
    };

    EXPECT_EQ(secret_with("one"), secret_with("one"));
    EXPECT_NE(secret_with("one"), secret_with("two"));
    EXPECT_NE(secret_with(""), secret_with(""));
}

TEST_F(ListeningEmulator, DescribesItself) {
    auto provider = start();
    EXPECT_TRUE(provider->issuer().starts_with("http://127.0.0.1:"));

    auto answer = get(provider->issuer() + "/.well-known/openid-configuration");

    ASSERT_TRUE(answer.has_value()) << answer.error().describe();
    EXPECT_EQ(answer->status, 200);
    auto document = schema::parse_json(answer->body);
    ASSERT_TRUE(document.has_value()) << answer->body;
    EXPECT_EQ(document->at("issuer").as_string(), provider->issuer());
    EXPECT_EQ(get(std::string(document->at("jwks_uri").as_string()))->status, 200);
    EXPECT_FALSE(provider->client_id().empty());
    end(*provider);
}

}  // namespace
}  // namespace cardea::emulator
