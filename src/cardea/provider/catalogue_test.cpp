// The catalogue: every file of providers/ can be used as it is.
#include "cardea/provider/catalogue.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "cardea/provider/layers.hpp"
#include "cardea/provider/providers.hpp"

namespace cardea::provider {
namespace {

oauth::Provider row(const std::string& name) {
    Layer layer;
    layer.row = read_catalogue().value().at(name);
    return read_provider(name, merge({layer}), oauth::Loopback::refused).value();
}

TEST(Catalogue, HasOnlyRowsThatCanBeUsed) {
    auto rows = read_catalogue();

    ASSERT_TRUE(rows) << rows.error().describe();
    EXPECT_GE(rows->size(), 2u);
    for (const auto& [name, row] : *rows) {
        Layer layer;
        layer.row = row;
        auto provider = read_provider(name, merge({layer}), oauth::Loopback::refused);
        EXPECT_TRUE(provider) << name << ": " << (provider ? "" : provider.error().describe());
    }
}

TEST(Catalogue, HoldsNoCredentials) {
    auto rows = read_catalogue().value();
    for (const auto& [name, row] : rows) {
        EXPECT_FALSE(row.contains("client_id")) << name;
        EXPECT_FALSE(row.contains("client_secret")) << name;
    }
}

TEST(Catalogue, KnowsGoogle) {
    auto google = row("google");

    EXPECT_EQ(google.title, "Google");
    EXPECT_EQ(google.issuer, "https://accounts.google.com");
    EXPECT_FALSE(oauth::needs_discovery(google));
    EXPECT_EQ(google.authorization_params.at("access_type"), "offline");
    EXPECT_EQ(google.profile.email_trust, oauth::EmailTrust::claim);
    EXPECT_EQ(google.id_token_algs, std::vector{oauth::IdTokenAlg::RS256});
}

TEST(Catalogue, KnowsGitHub) {
    auto github = row("github");

    EXPECT_EQ(github.protocol, oauth::Protocol::oauth2);
    EXPECT_EQ(github.access_token_lifetime, Seconds(0));
    EXPECT_EQ(github.granted_scope_separator, ",");
    EXPECT_EQ(github.email_request->endpoint, "https://api.github.com/user/emails");
    EXPECT_EQ(github.revocation->method, oauth::RevocationMethod::del);
    EXPECT_EQ(oauth::identity_issuer(github), "oauth2:github");
}

template <class T>
void expect_documented(const std::string& page) {
    schema::for_each_member<T>([&]<std::size_t I>(schema::Member<T, I>) {
        auto name = '`' + std::string(schema::Member<T, I>::name) + '`';
        EXPECT_NE(page.find(name), std::string::npos) << name;
    });
}

TEST(ProviderFormat, HasEveryKeyOnItsPage) {
    std::ifstream file(CARDEA_SOURCE_DIR "/docs/formats/provider.md");
    std::string page(std::istreambuf_iterator<char>(file), {});

    expect_documented<oauth::Provider>(page.substr(0, page.find("\n`[profile]`")));
    expect_documented<oauth::ProfileRules>(page);
    expect_documented<oauth::EmailRequest>(page);
    expect_documented<oauth::RevocationRules>(page);
}

Settings settings(std::string_view name, std::string_view text) {
    Settings result;
    result.providers.emplace(name, schema::parse_json(text).value());
    return result;
}

std::vector<std::string> wrong_fields(const Settings& given) {
    auto checked = check_settings(given, oauth::Loopback::refused);
    std::vector<std::string> fields;
    if (!checked)
        for (const auto& field : checked.error().fields()) fields.push_back(field.field);
    return fields;
}

TEST(ProviderSettings, AreRefusedWithTheirFullPath) {
    EXPECT_EQ(wrong_fields(settings("google", R"({"pkse":"required"})")),
              std::vector<std::string>{"OAuth.providers.google.pkse"});
    EXPECT_EQ(wrong_fields(settings("google", R"({"profile":{"email_trust":"all"}})")),
              std::vector<std::string>{"OAuth.providers.google.profile.email_trust"});
    EXPECT_EQ(wrong_fields(settings("google", "17")),
              std::vector<std::string>{"OAuth.providers.google"});
    EXPECT_EQ(wrong_fields(settings("mine", R"({"scopes":["openid"]})")),
              std::vector<std::string>{"OAuth.providers.mine.issuer"});
}

TEST(ProviderSettings, MayChangeARowOfTheCatalogue) {
    EXPECT_TRUE(wrong_fields(settings("google", R"({"title":"Company account"})")).empty());
    EXPECT_TRUE(wrong_fields({}).empty());
}

TEST(ProviderSettings, TakeTheTextNoneForNotSet) {
    EXPECT_TRUE(wrong_fields(settings("google", R"({"issuer":"none","title":"none"})")).empty());
    EXPECT_TRUE(
        wrong_fields(settings("google", R"({"token_endpoint_auth_method":"none"})")).empty());
}

}  // namespace
}  // namespace cardea::provider
