// The catalogue: every file of providers/ can be used as it is.
#include "cardea/provider/catalogue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "cardea/oauth/template.hpp"
#include "cardea/provider/layers.hpp"
#include "cardea/provider/providers.hpp"

namespace cardea::provider {
namespace {

oauth::Provider row(const std::string& name) {
    Layer layer;
    layer.row = read_catalogue().value().at(name);
    return read_provider(name, merge({layer}), oauth::Loopback::refused).value();
}

/// What an operator could give for a variable.
std::string value_for(const oauth::Variable& variable) {
    for (const char* value : {"acme", "https://id.example", "ABCDE12345"})
        if (std::regex_match(value, std::regex(variable.pattern))) return value;
    return {};
}

Result<oauth::Provider> with_credentials(const std::string& name, const schema::JsonObject& row) {
    Layer layer;
    layer.row = row;
    auto open = read_provider(name, merge({layer}), oauth::Loopback::refused);
    if (!open) return open;
    schema::JsonObject values;
    for (const auto& variable : oauth::missing_values(*open))
        values[variable] = value_for(open->variables.at(variable));
    layer.row["values"] = std::move(values);
    layer.row["client_id"] = "client";
    layer.secrets.emplace("client_secret", SecretText(std::string(32, 's')));
    return read_provider(name, merge({layer}), oauth::Loopback::refused);
}

bool has_placeholder(const std::string& text) {
    auto names = oauth::placeholders(text);
    return std::ranges::any_of(names, [](const std::string& name) {
        return name != "client_id" && name != "token" && name != "token_prefix";
    });
}

TEST(Catalogue, HasAHundredRowsThatCanBeUsed) {
    auto rows = read_catalogue();

    ASSERT_TRUE(rows) << rows.error().describe();
    EXPECT_GE(rows->size(), 100u);
    for (const auto& [name, row] : *rows) {
        auto provider = with_credentials(name, row);
        ASSERT_TRUE(provider) << name << ": " << provider.error().describe();
        EXPECT_TRUE(oauth::missing_values(*provider).empty()) << name;
        EXPECT_FALSE(provider->title.empty()) << name;
        for (const auto& url :
             {provider->authorization_endpoint, provider->token_endpoint,
              provider->userinfo_endpoint, provider->jwks_uri, provider->revocation_endpoint})
            EXPECT_FALSE(has_placeholder(url)) << name << ": " << url;
    }
}

TEST(Catalogue, TrustsNoAddressOfAProviderThatAnybodyCanRun) {
    auto rows = read_catalogue().value();
    for (const auto& [name, row] : rows) {
        auto provider = with_credentials(name, row).value();
        bool is_fixed = provider.variables.empty();
        EXPECT_TRUE(is_fixed || provider.profile.authoritative_domains.empty()) << name;
    }
}

TEST(Catalogue, GivesEachProviderATitleOfItsOwn) {
    std::set<std::string> titles;
    auto rows = read_catalogue().value();
    for (const auto& [name, row] : rows)
        EXPECT_TRUE(titles.insert(with_credentials(name, row)->title).second) << name;
}

TEST(Catalogue, KnowsMicrosoftsTenants) {
    auto microsoft = row("microsoft");
    schema::JsonObject claims{{"tid", "9188040d-6c67-4c5b-b112-36a304b66dad"}};

    EXPECT_EQ(microsoft.token_endpoint,
              "https://login.microsoftonline.com/common/oauth2/v2.0/token");
    EXPECT_TRUE(oauth::is_issuer(
        microsoft, "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        &claims));
    EXPECT_EQ(microsoft.profile.subject_parts, (std::vector<std::string>{"/tid", "/oid"}));
    EXPECT_EQ(microsoft.profile.email_trust, oauth::EmailTrust::unverified);
    EXPECT_FALSE(oauth::needs_discovery(microsoft));
}

TEST(Catalogue, KnowsFacebooksLongTokens) {
    auto facebook = row("facebook");

    EXPECT_EQ(facebook.token_chain->params.at("grant_type"), "fb_exchange_token");
    EXPECT_EQ(facebook.renewal.with, oauth::TokenKind::access_token);
    EXPECT_EQ(facebook.profile.email_trust, oauth::EmailTrust::unverified);
}

TEST(Catalogue, SendsLinkedInNoChallengeAndXAlways) {
    EXPECT_EQ(row("linkedin").pkce, oauth::Pkce::forbidden);
    EXPECT_EQ(row("linkedin").nonce, oauth::Nonce::unsupported);
    EXPECT_EQ(row("x").pkce, oauth::Pkce::required);
    EXPECT_EQ(row("x").token_endpoint_auth_method, oauth::ClientAuth::client_secret_basic);
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
    expect_documented<oauth::Variable>(page);
    expect_documented<oauth::TokenRequestRules>(page);
    expect_documented<oauth::TokenAnswerRules>(page);
    expect_documented<oauth::TokenChain>(page);
    expect_documented<oauth::RenewalRules>(page);
    expect_documented<oauth::ClientAssertion>(page);
    expect_documented<oauth::CallbackRules>(page);
    expect_documented<oauth::Companion>(page);
}

/// What of JSON Schema row_schema() uses. Adds to `problems` where the value does not fit.
class SchemaCheck {
  public:
    explicit SchemaCheck(schema::JsonObject document) : document_(std::move(document)) {}

    std::vector<std::string> problems_of(const schema::JsonObject& row) {
        problems_.clear();
        check(schema::Json(row), document_, "");
        return problems_;
    }

  private:
    static bool is_of(const schema::Json& value, std::string_view type) {
        if (type == "object") return value.is_object();
        if (type == "array") return value.is_array();
        if (type == "string") return value.is_string();
        if (type == "boolean") return value.is_bool();
        return type == "number" && value.is_number();
    }
    void check(const schema::Json& value, const schema::JsonObject& schema,
               const std::string& path) {
        if (const auto* reference = schema.if_contains("$ref"))
            return check(value, definition(std::string(reference->as_string())), path);
        if (!is_of(value, schema.at("type").as_string())) problems_.push_back(path + ": type");
        if (const auto* choices = schema.if_contains("enum"))
            if (std::ranges::find(choices->as_array(), value) == choices->as_array().end())
                problems_.push_back(path + ": enum");
        if (value.is_object()) check_object(value.get_object(), schema, path);
        if (!value.is_array()) return;
        for (const auto& item : value.get_array())
            check(item, schema.at("items").as_object(), path);
    }
    void check_object(const schema::JsonObject& object, const schema::JsonObject& schema,
                      const std::string& path) {
        const schema::JsonObject none;
        const auto* found = schema.if_contains("properties");
        const auto& properties = found != nullptr ? found->as_object() : none;
        if (const auto* required = schema.if_contains("required"))
            for (const auto& name : required->as_array())
                if (!object.contains(name.as_string()))
                    problems_.push_back(path + '.' + std::string(name.as_string()) + ": missing");
        for (const auto& [key, value] : object) {
            auto below = path + '.' + std::string(key);
            const auto* property = properties.if_contains(key);
            const auto& others = schema.at("additionalProperties");
            if (property == nullptr && !others.is_object()) {
                problems_.push_back(below + ": unknown");
            } else {
                check(value, (property != nullptr ? *property : others).as_object(), below);
            }
        }
    }
    const schema::JsonObject& definition(const std::string& reference) {
        constexpr std::string_view prefix = "#/$defs/";
        return document_.at("$defs").at(reference.substr(prefix.size())).as_object();
    }

    schema::JsonObject document_;
    std::vector<std::string> problems_;
};

TEST(RowSchema, TakesEveryRowOfTheCatalogue) {
    SchemaCheck check(row_schema());
    auto rows = read_catalogue().value();
    for (const auto& [name, row] : rows)
        EXPECT_EQ(check.problems_of(row), std::vector<std::string>()) << name;
}

TEST(RowSchema, RefusesWhatTheReaderRefuses) {
    SchemaCheck check(row_schema());
    auto problem = [&check](std::string_view text) {
        auto row = schema::parse_json(text).value();
        EXPECT_FALSE(schema::read<oauth::Provider>(row)) << text;
        auto problems = check.problems_of(row.as_object());
        return problems.empty() ? "" : problems.front();
    };

    EXPECT_EQ(problem(R"({"pkse":"required"})"), ".pkse: unknown");
    EXPECT_EQ(problem(R"({"pkce":"always"})"), ".pkce: enum");
    EXPECT_EQ(problem(R"({"scopes":"openid"})"), ".scopes: type");
    EXPECT_EQ(problem(R"({"profile":{"subjet":[]}})"), ".profile.subjet: unknown");
    EXPECT_EQ(problem(R"({"token_chain":{"method":"get"}})"), ".token_chain.endpoint: missing");
    EXPECT_EQ(problem(R"({"variables":{"shop":{"default":1}}})"), ".variables.shop.default: type");
}

TEST(RowSchema, ExplainsEachKey) {
    auto document = row_schema();

    EXPECT_EQ(document.at("$schema"), "https://json-schema.org/draft/2020-12/schema");
    for (const auto& [key, property] : document.at("properties").as_object())
        EXPECT_TRUE(property.as_object().contains("description")) << key;
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
