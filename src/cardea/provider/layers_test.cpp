// Layers: which source wins, key by key, and what is refused.
#include "cardea/provider/layers.hpp"

#include <gtest/gtest.h>

namespace cardea::provider {
namespace {

using schema::JsonObject;

Layer layer(Origin origin, std::string_view text) {
    return make_layer(origin, schema::parse_json(text).value().get_object()).value();
}

TEST(Layers, LaterOnesWinKeyByKey) {
    auto merged = merge({layer(Origin::catalogue, R"({"title":"A","issuer":"https://a.example"})"),
                         layer(Origin::config, R"({"title":"B"})"),
                         layer(Origin::table, R"({"client_id":"c"})")});

    EXPECT_EQ(merged.row.at("title"), "B");
    EXPECT_EQ(merged.row.at("issuer"), "https://a.example");
    EXPECT_EQ(merged.origins.at("title"), Origin::config);
    EXPECT_EQ(merged.origins.at("issuer"), Origin::catalogue);
    EXPECT_EQ(merged.origins.at("client_id"), Origin::table);
}

TEST(Layers, MergeTablesAndReplaceLists) {
    auto merged = merge({layer(Origin::catalogue, R"({"scopes":["a","b"],
                             "profile":{"subject":["/id"],"email_trust":"claim"}})"),
                         layer(Origin::config, R"({"scopes":["c"],
                             "profile":{"email_trust":"unverified"}})")});

    EXPECT_EQ(merged.row.at("scopes"), (schema::JsonArray{"c"}));
    EXPECT_EQ(merged.row.at("profile").at("subject"), (schema::JsonArray{"/id"}));
    EXPECT_EQ(merged.row.at("profile").at("email_trust"), "unverified");
    EXPECT_EQ(merged.origins.at("profile.subject"), Origin::catalogue);
    EXPECT_EQ(merged.origins.at("profile.email_trust"), Origin::config);
}

TEST(Layers, ForgetTheOriginsOfATableThatAValueReplaces) {
    auto merged = merge({layer(Origin::catalogue, R"({"profile":{"subject":["/id"]}})"),
                         layer(Origin::config, R"({"profile":7})")});

    EXPECT_FALSE(merged.origins.contains("profile.subject"));
    EXPECT_EQ(merged.origins.at("profile"), Origin::config);
}

TEST(Layers, KeepSecretsOutOfTheRow) {
    auto merged = merge({layer(Origin::config, R"({"client_secret":"from config"})"),
                         layer(Origin::config, R"({"client_secret_previous":"the old one"})"),
                         layer(Origin::table, R"({"client_secret":"from table"})")});

    EXPECT_TRUE(merged.row.empty());
    EXPECT_EQ(merged.secrets.at("client_secret").reveal(), "from table");
    EXPECT_EQ(merged.origins.at("client_secret"), Origin::table);
    EXPECT_EQ(merged.secrets.at("client_secret_previous").reveal(), "the old one");
    EXPECT_EQ(merged.origins.at("client_secret_previous"), Origin::config);
}

TEST(Layers, RefuseASecretThatIsNoText) {
    for (std::string_view key : secret_keys) {
        auto refused = make_layer(Origin::table, JsonObject{{key, 17}});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().fields().at(0).field, key);
    }
}

Result<oauth::Provider> read(std::string_view text) {
    return read_provider("mine", merge({layer(Origin::table, text)}), oauth::Loopback::refused);
}

TEST(ReadProviderRow, NamesUnknownKeysAndWrongValues) {
    auto refused = read(R"({"isuer":"https://a.example","pkce":"maybe"})");

    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().is(oauth::provider_invalid));
    ASSERT_EQ(refused.error().fields().size(), 2u);
}

TEST(ReadProviderRow, RefusesWhatCanNeverWork) {
    auto refused = read(R"({"issuer":"http://169.254.169.254","scopes":["openid"]})");

    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fields().at(0).field, "issuer");
}

TEST(ReadProviderRow, RefusesARowOfAnotherName) {
    EXPECT_FALSE(read(R"({"name":"other","issuer":"https://a.example","scopes":["openid"]})"));
}

TEST(ReadProviderRow, GivesAProviderOfThatName) {
    auto provider = read(R"({"issuer":"https://a.example","scopes":["openid"],"client_id":"c",
                             "client_secret":"s","token_endpoint_auth_method":"none"})");

    ASSERT_TRUE(provider) << provider.error().describe();
    EXPECT_EQ(provider->name, "mine");
    EXPECT_EQ(provider->title, "mine");
    EXPECT_EQ(provider->client_secret.reveal(), "s");
    EXPECT_EQ(provider->token_endpoint_auth_method, oauth::ClientAuth::none);
}

}  // namespace
}  // namespace cardea::provider
