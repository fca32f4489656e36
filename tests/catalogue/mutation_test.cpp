// Every key of every catalogue file matters: with one of them changed, the round with that provider
// goes wrong.
#include <gtest/gtest.h>

#include <array>
#include <regex>

#include "cardea/base/log.hpp"
#include "cardea/base/text.hpp"
#include "cardea/provider/layers.hpp"
#include "tests/catalogue/round.hpp"
#include "tests/support/catalogue_names.hpp"

namespace cardea {
namespace {

using schema::Json;
using schema::JsonArray;
using schema::JsonObject;

/// A key that a round does not notice, and why that is right.
struct Exception {
    const char* what;  ///< A regular expression over `provider: key`.
    const char* reason;
};
constexpr std::array exceptions{
    Exception{".*: title", "what people read; no provider sees it"},
    Exception{".*: variables\\.\\w+\\.note", "what operators read"},
    Exception{"bitbucket: profile\\.email_trust", "its list of addresses says which are proven"},
    Exception{"facebook: revocation\\.accepts\\.0", "the token that renews is the access token"},
    Exception{"google: revocation\\.accepts\\.\\d", "either token ends the grant"},
    Exception{"microsoft: profile\\.email_verified\\.0",
              "for operators who set email_trust to claim: nothing else reads it"},
    Exception{"(miro|stripe): revocation\\.accepts\\.0", "what is revoked stands in its params"},
    Exception{"vk: refresh_params\\.state", "any text that is new is taken"},
};

bool is_exception(const std::string& what) {
    return std::ranges::any_of(exceptions, [&](const Exception& exception) {
        return std::regex_match(what, std::regex(exception.what));
    });
}

/// What else stands for a word that is one of a few: any other text would only be refused unread.
std::string other_word(const std::string& key, const std::string& word) {
    static const std::map<std::string, std::string> others{
        {"oidc", "oauth2"},
        {"oauth2", "oidc"},
        {"client_secret_post", "client_secret_basic"},
        {"client_secret_basic", "client_secret_post"},
        {"client_secret_basic_raw", "client_secret_basic"},
        {"client_secret_as_basic_username", "client_secret_basic"},
        {"signed_client_secret", "client_secret_post"},
        {"none", "client_secret_basic"},
        {"forbidden", "supported"},
        {"required", "forbidden"},
        {"supported", "forbidden"},
        {"ignored", "forbidden"},
        {"unsupported", "supported"},
        {"RS256", "ES256"},
        {"ES256", "RS256"},
        {"HS256", "RS256"},
        {"form_post", "query"},
        {"userinfo", "token_response"},
        {"id_token", "token_response"},
        {"token_response", "id_token"},
        {"get", "post"},
        {"post", "get"},
        {"del", "post"},
        {"bearer", "query"},
        {"oauth", "bearer"},
        {"raw", "bearer"},
        {"header", "bearer"},
        {"query", "form"},
        {"form", "json"},
        {"json", "form"},
        {"param", "bearer"},
        {"elsewhere", "bearer"},
        {"claim", "provider_verifies"},
        {"provider_verifies", "unverified"},
        {"access_token", "refresh_token"},
        {"refresh_token", "access_token"},
        {"always", "never"},
        {"never", "always"},
        {"sometimes", "always"},
        {"on_request", "always"},
        {"app_setting", "always"},
        {"approved_apps", "always"},
        {"configurable", "always"},
        {",", ";"},
        {" ", ","},
    };
    static const std::map<std::string, std::string> by_key{
        {"profile.email_trust.unverified", "provider_verifies"},
        {"profile.email_trust.none", "provider_verifies"},
        {"pkce.app_setting", "supported"},
        {"nonce.supported", "unsupported"},
        {"revocation.token_in.bearer", "param"},
        {"revocation.token_in.header", "param"},
        {"revocation.method.post", "del"},
        {"revocation.format.query", "json"},
        {"profile.token_in.form", "query"},
    };
    if (auto found = by_key.find(key + '.' + word); found != by_key.end()) return found->second;
    auto found = others.find(word);
    return found != others.end() ? found->second : word + "x";
}

struct Mutation {
    std::string what;
    JsonObject row;
};

class Mutations {
  public:
    explicit Mutations(const JsonObject& row) : row_(row) { walk(row_, ""); }
    std::vector<Mutation> take() { return std::move(list_); }

  private:
    void add(std::string what) { list_.push_back({std::move(what), row_}); }

    void walk(JsonObject& table, const std::string& prefix) {
        std::vector<std::string> keys;
        for (const auto& [key, value] : table) keys.emplace_back(key);
        for (const auto& key : keys) {
            auto path = prefix + key;
            if (table[key].is_object()) walk(table[key].get_object(), path + '.');
            change(table[key], path);
        }
    }

    void change(Json& value, const std::string& path) {
        const Json kept = value;
        if (value.is_array() && !value.get_array().empty() && !path.ends_with(".one_of")) {
            for (std::size_t i = 0; i < kept.get_array().size(); ++i) {
                value.get_array()[i] = changed(kept.get_array()[i], path);
                add(path + '.' + std::to_string(i));
                value = kept;
            }
        } else if (!value.is_object()) {
            value = changed(kept, path);
            add(path);
            value = kept;
        }
    }

    static Json changed(const Json& value, const std::string& path) {
        if (value.is_bool()) return Json(!value.get_bool());
        if (value.is_int64()) return Json(value.get_int64() + 1);
        if (value.is_array()) return JsonArray{"changed"};
        std::string text(value.get_string());
        if (path.ends_with(".pattern")) return Json("changed{40}");
        return Json(other_word(path, text));
    }

    JsonObject row_;
    std::vector<Mutation> list_;
};

/// Nothing for a row that cannot be read.
std::optional<oauth::Provider> read(const JsonObject& row) {
    provider::Merged merged;
    merged.row = row;
    merged.row.erase("client_secret");
    auto provider = provider::read_provider("changed", merged, oauth::Loopback::refused);
    return provider ? std::optional(std::move(*provider)) : std::nullopt;
}

class EveryKey : public testing::TestWithParam<std::string> {};

TEST_P(EveryKey, Matters) {
    Stage stage;
    auto* played = stage.emulator->find(GetParam());
    ASSERT_NE(played, nullptr);
    auto row = catalogue_row(GetParam());
    auto original = read(registered(*played, row));
    auto differences = [&] {
        return join(Round(stage, *played, "changed", registered(*played, row)).differences(), "\n");
    };
    ASSERT_EQ(differences(), "") << "unchanged, and something is wrong already";
    std::vector<std::string> unexpected;
    for (auto& mutation : Mutations(row).take()) {
        auto what = GetParam() + ": " + mutation.what;
        auto changed = registered(*played, std::move(mutation.row));
        // What the row says is sometimes what a silent one means.
        bool means_the_same = read(changed) == original;
        if (means_the_same) continue;
        Round round(stage, *played, "changed", std::move(changed));
        bool is_noticed = !round.differences().empty();
        // An exception that is noticed all the same is none any more.
        if (is_noticed == is_exception(what))
            unexpected.push_back(what + (is_noticed ? " is noticed" : " is not noticed"));
    }
    EXPECT_EQ(join(unexpected, "\n"), "");
    EXPECT_EQ(differences(), "") << "unchanged, after all the others";
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryKey, testing::ValuesIn(catalogue_names()),
                         [](const auto& named) { return named.param; });

}  // namespace
}  // namespace cardea
