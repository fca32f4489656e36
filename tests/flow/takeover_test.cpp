// Whose account a sign-in at a provider opens, by what the provider's word is worth: every trust
// level against every kind of account that could be there, and every row of the catalogue.
#include <gtest/gtest.h>

#include <array>
#include <ostream>

#include "tests/support/catalogue_names.hpp"
#include "tests/support/world.hpp"

namespace cardea {
namespace {

using schema::Json;
using schema::JsonArray;
using schema::JsonObject;

constexpr auto address = "alice@idp.example";

/// What the row says of the provider, and what the provider says of the address.
struct Trust {
    const char* name;
    const char* email_trust;
    Json claim;  ///< `email_verified`; null = it is not there.
    bool is_proof;
};
std::vector<Trust> trusts() {
    return {{"ClaimTrue", "claim", true, true},
            {"ClaimFalse", "claim", false, false},
            {"ClaimAbsent", "claim", nullptr, false},
            {"ClaimTextTrue", "claim", "true", false},
            {"ClaimNumberOne", "claim", 1, false},
            {"ProviderVerifies", "provider_verifies", nullptr, true},
            {"ProviderVerifiesThoughItSaysNot", "provider_verifies", false, true},
            {"Unverified", "unverified", true, false},
            {"None", "none", true, false}};
}

/// The domains that the row says the provider gives out.
struct Domains {
    const char* name;
    JsonArray list;
    bool has_address;
};
std::vector<Domains> domains() {
    return {{"NoDomain", {}, false},
            {"AnotherDomain", {"other.example", "sub.idp.example", "example"}, false},
            {"ItsDomain", {"IDP.example"}, true},
            {"EveryDomain", {"*"}, true}};
}

/// What is there under the address when somebody comes through the provider.
enum class Existing {
    account_with_password,
    unproven_account_with_password,
    invitation,
    invitation_with_roles,
    account_made_by_administrator,
    connection_of_another_provider,
    disabled_account
};
constexpr std::array existing_names{
    "AccountWithPassword", "UnprovenAccountWithPassword", "Invitation",
    "InvitationWithRoles", "AccountMadeByAdministrator",  "ConnectionOfAnotherProvider",
    "DisabledAccount"};

enum class Outcome {
    opens_it,         ///< Signed in to the account that is there.
    takes_address,    ///< An account of one's own, with the address; the other has lost it.
    without_address,  ///< An account of one's own, and the other is as it was.
    link_first,
    email_taken,
    disabled
};

Outcome expected_of(const Trust& trust, const Domains& domain, Existing existing) {
    if (std::string_view(trust.email_trust) == "none") return Outcome::without_address;
    bool is_owner = trust.is_proof && domain.has_address;
    switch (existing) {
        case Existing::account_with_password:
        case Existing::account_made_by_administrator:
            return is_owner ? Outcome::opens_it : Outcome::link_first;
        case Existing::unproven_account_with_password:
        case Existing::connection_of_another_provider:
            return is_owner ? Outcome::takes_address : Outcome::link_first;
        case Existing::invitation:
            return trust.is_proof ? Outcome::opens_it : Outcome::email_taken;
        case Existing::invitation_with_roles:
            return is_owner ? Outcome::opens_it : Outcome::email_taken;
        case Existing::disabled_account:
            return is_owner ? Outcome::disabled : Outcome::link_first;
    }
    return Outcome::link_first;
}

using Case = std::tuple<std::size_t, std::size_t, Existing>;

class Takeover : public testing::TestWithParam<Case> {
  protected:
    void add_provider(const Trust& trust, const Domains& domain) {
        auto row = world.idp.row();
        row["profile"] =
            JsonObject{{"email_trust", trust.email_trust}, {"authoritative_domains", domain.list}};
        ASSERT_TRUE(world.run(world.providers.add("tried", std::move(row))));
        world.idp.user.email = address;
        world.idp.change_userinfo = [claim = trust.claim](JsonObject& profile) {
            profile["email_verified"] = claim;
            if (claim.is_null()) profile.erase("email_verified");
        };
    }
    /// The id of what is there now.
    std::string prepare(Existing existing) {
        switch (existing) {
            case Existing::account_with_password:
                return proven();
            case Existing::unproven_account_with_password:
                return signed_up();
            case Existing::invitation:
                return added(std::nullopt, {});
            case Existing::invitation_with_roles:
                return added(std::nullopt, {"admin"});
            case Existing::account_made_by_administrator:
                return added("correct horse", {"admin"});
            case Existing::connection_of_another_provider:
                world.other.user.email = address;
                EXPECT_TRUE(owner.sign_in_with("other"));
                return owner.whoami();
            case Existing::disabled_account: {
                auto id = proven();
                EXPECT_TRUE(world.run(world.account_flow.disable(id, {})));
                return id;
            }
        }
        return {};
    }
    std::string signed_up() {
        EXPECT_TRUE(owner.sign_up(address));
        return owner.whoami();
    }
    std::string proven() {
        auto id = signed_up();
        EXPECT_TRUE(world.run(world.accounts.verify_email(*world.database, id,
                                                          account::Email::parse(address).value(),
                                                          account::AddressProof::authoritative)));
        return id;
    }
    std::string added(std::optional<std::string> text, std::vector<std::string> roles) {
        std::optional<password::Password> password;
        if (text) password = password::Password::parse(*text).value();
        sign_in::AddAccount wish{account::Email::parse(address).value(), std::move(password),
                                 account::Name(), account::Roles::parse(roles).value()};
        return world.run(world.account_flow.add(std::move(wish), {"cli", "", ""})).value().id;
    }
    Result<sign_in::Finished> come() {
        auto url = stranger.begin("tried").value();
        return stranger.finish("tried", world.idp.authorize(url));
    }
    Outcome outcome_of(const Result<sign_in::Finished>& finished, const std::string& id) {
        if (finished && stranger.whoami() == id) return Outcome::opens_it;
        auto reason = refusal(finished);
        if (reason == "sign_in.link_first") return Outcome::link_first;
        if (reason == "account.email_taken") return Outcome::email_taken;
        if (reason == "account.disabled") return Outcome::disabled;
        EXPECT_EQ(reason, "");
        return world.account(id).email ? Outcome::without_address : Outcome::takes_address;
    }

    World world;
    Browser owner{world};
    Browser stranger{world, "198.51.100.7"};
};

TEST_P(Takeover, IsLeftToWhoHasProvenTheAddress) {
    auto [trust_at, domain_at, existing] = GetParam();
    auto trust = trusts()[trust_at];
    auto domain = domains()[domain_at];
    add_provider(trust, domain);
    auto id = prepare(existing);
    auto before = world.account(id);

    auto finished = come();

    auto expected = expected_of(trust, domain, existing);
    EXPECT_EQ(outcome_of(finished, id), expected);
    auto after = world.account(id);
    bool keeps_address = expected != Outcome::takes_address;
    EXPECT_EQ(after.email.has_value(), keeps_address);
    EXPECT_EQ(after.has_password, before.has_password && keeps_address);
    EXPECT_EQ(after.roles, before.roles);
    if (expected == Outcome::takes_address) {
        EXPECT_EQ(owner.whoami(), "session.unknown") << "whoever was in there is out";
        EXPECT_EQ(world.account(stranger.whoami()).email, address);
    }
    if (expected == Outcome::without_address) {
        EXPECT_FALSE(world.account(stranger.whoami()).email);
    }
    if (!finished) {
        EXPECT_EQ(stranger.whoami(), "session.missing");
        EXPECT_EQ(after.email_authoritative, before.email_authoritative);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Matrix, Takeover,
    testing::Combine(testing::Range<std::size_t>(0, 9), testing::Range<std::size_t>(0, 4),
                     testing::Values(Existing::account_with_password,
                                     Existing::unproven_account_with_password, Existing::invitation,
                                     Existing::invitation_with_roles,
                                     Existing::account_made_by_administrator,
                                     Existing::connection_of_another_provider,
                                     Existing::disabled_account)),
    [](const testing::TestParamInfo<Case>& one) {
        return std::string(trusts()[std::get<0>(one.param)].name) + "_" +
               domains()[std::get<1>(one.param)].name + "_" +
               existing_names.at(static_cast<std::size_t>(std::get<2>(one.param)));
    });

// The catalogue.

/// Puts the value where an RFC 6901 pointer leads, through objects alone or, for digits, lists.
void put(Json& place, std::string_view pointer, const Json& value) {
    if (pointer.empty()) {
        place = value;
        return;
    }
    auto end = std::min(pointer.find('/', 1), pointer.size());
    std::string token(pointer.substr(1, end - 1));
    for (auto at = token.find("~1"); at != token.npos; at = token.find("~1"))
        token.replace(at, 2, "/");
    bool is_index = !token.empty() && token.find_first_not_of("0123456789") == token.npos;
    if (is_index) {
        if (!place.is_array()) place = JsonArray();
        auto index = static_cast<std::size_t>(std::stoul(token));
        if (place.get_array().size() <= index) place.get_array().resize(index + 1);
        put(place.get_array()[index], pointer.substr(end), value);
        return;
    }
    if (!place.is_object()) place = JsonObject();
    put(place.get_object()[token], pointer.substr(end), value);
}

/// A row of the catalogue whose endpoints are the fake provider's: what it believes stays.
class CatalogueTakeover : public testing::TestWithParam<std::string> {
  protected:
    /// Signs in through the row with a profile that claims all that the row can read. True when
    /// that opens the account that has the address.
    bool opens_account_of(const std::string& email) {
        World world;
        configure(world, email);
        Browser owner(world);
        EXPECT_TRUE(owner.sign_up(email));
        auto id = owner.whoami();
        EXPECT_TRUE(world.run(world.accounts.verify_email(*world.database, id,
                                                          account::Email::parse(email).value(),
                                                          account::AddressProof::authoritative)));
        Browser stranger(world, "198.51.100.7");
        auto begun = stranger.begin("tried");
        EXPECT_TRUE(begun) << begun.error().describe();
        if (!begun) return false;
        auto finished = stranger.finish("tried", world.idp.authorize(*begun));
        bool is_understood = finished || refusal(finished) == "sign_in.link_first";
        EXPECT_TRUE(is_understood) << finished.error().describe();
        EXPECT_EQ(world.account(id).email, email);
        return stranger.whoami() == id;
    }
    /// What the catalogue says of the profile; how the token travels is another matter, and an ID
    /// token's claims come as a profile here.
    static JsonObject row() {
        auto catalogued = provider::read_catalogue().value().at(GetParam());
        JsonObject row{{"protocol", "oauth2"},
                       {"authorization_endpoint", "https://idp.example/authorize"},
                       {"token_endpoint", "https://idp.example/token"},
                       {"userinfo_endpoint", "https://idp.example/userinfo"},
                       {"client_id", FakeProvider::Options().client_id},
                       {"client_secret", FakeProvider::Options().client_secret}};
        for (auto key : {"profile", "email_request"})
            if (catalogued.contains(key)) row[key] = catalogued[key];
        if (auto* profile = row.if_contains("profile"))
            for (auto key : {"source", "method", "token_in", "token_param", "query", "form", "json",
                             "headers", "name_template", "picture_template"})
                profile->get_object().erase(key);
        if (auto* request = row.if_contains("email_request"))
            request->get_object()["endpoint"] = "https://idp.example/emails";
        return row;
    }
    static oauth::Provider rules() {
        auto layer = provider::make_layer(provider::Origin::table, row()).value();
        return provider::read_provider("tried", provider::merge({layer}), oauth::Loopback::refused)
            .value();
    }
    static void claim(const oauth::Provider& row, const std::string& email, Json& answer) {
        const auto& profile = row.profile;
        for (const auto& pointer : profile.subject_parts) put(answer, pointer, "mallory");
        put(answer, profile.subject.front(), "mallory");
        for (const auto& pointer : profile.email) put(answer, pointer, Json(email));
        for (const auto& pointer : profile.email_verified) put(answer, pointer, true);
    }
    static void configure(World& world, const std::string& email) {
        auto read = rules();
        world.idp.change_userinfo = [read, email](JsonObject& answer) {
            Json whole(answer);
            claim(read, email, whole);
            answer = whole.get_object();
        };
        if (read.email_request) world.idp.emails = claimed_list(*read.email_request, email);
        auto added = world.run(world.providers.add("tried", row()));
        ASSERT_TRUE(added) << added.error().describe();
    }
    static Json claimed_list(const oauth::EmailRequest& rules, const std::string& email) {
        Json entry;
        put(entry, rules.email, Json(email));
        put(entry, rules.verified, true);
        put(entry, rules.primary, true);
        Json list;
        put(list, rules.list, JsonArray{entry});
        return list;
    }
};

TEST_P(CatalogueTakeover, OpensNoAccountByAnAddressThatTheProviderDoesNotGiveOut) {
    auto given_out = rules().profile.authoritative_domains;
    for (const char* email : {"alice@example.org", "alice@gmail.com", "alice@microsoft.com"}) {
        std::string_view domain = std::string_view(email).substr(6);
        bool is_given_out = std::ranges::find(given_out, domain) != given_out.end();
        EXPECT_EQ(opens_account_of(email), is_given_out) << email;
    }
}

INSTANTIATE_TEST_SUITE_P(EveryRow, CatalogueTakeover, testing::ValuesIn(catalogue_names()),
                         [](const testing::TestParamInfo<std::string>& one) {
                             auto name = one.param;
                             std::ranges::replace(name, '-', '_');
                             return name;
                         });

}  // namespace
}  // namespace cardea
