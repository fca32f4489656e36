// World: the whole of signing in, on a database in memory, with a clock that stands still, seeded
// random, and providers that live in the test. Browsers walk through it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cardea/account/accounts.hpp"
#include "cardea/account/verifications.hpp"
#include "cardea/audit/trail.hpp"
#include "cardea/cache/memory/memory_counters.hpp"
#include "cardea/crypto/keyring.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/http/url.hpp"
#include "cardea/password/formats/any_hasher.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/runtime/task_group.hpp"
#include "cardea/session/sessions.hpp"
#include "cardea/sign_in/account_flow.hpp"
#include "cardea/sign_in/bcrypt_side.hpp"
#include "cardea/sign_in/leaving_flow.hpp"
#include "cardea/sign_in/oauth_flow.hpp"
#include "cardea/sign_in/password_flow.hpp"
#include "cardea/sign_in/session_flow.hpp"
#include "cardea/throttle/throttle.hpp"
#include "cardea/vault/vault.hpp"
#include "tests/support/database.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/fake_provider.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea {

/// Sends each request to the provider whose issuer its URL begins with.
class FakeNet final : public http::Client {
  public:
    void add(FakeProvider& provider) { providers_.push_back(&provider); }
    Task<http::Response> send(http::Request request, http::Limits limits) override {
        for (auto* provider : providers_) {
            if (request.target.starts_with(provider->options.issuer + "/"))
                return provider->send(std::move(request), limits);
        }
        return nobody(request.target);
    }

  private:
    static Task<http::Response> nobody(std::string target) {
        co_return fail(http::peer_unreachable, std::move(target));
    }
    std::vector<FakeProvider*> providers_;
};

class World {
  public:
    explicit World(sign_in::Settings settings = {}) {
        net.add(idp);
        net.add(other);
        choose(std::move(settings));
    }
    ~World() { settle(); }

    /// Goes on with other settings.
    void choose(sign_in::Settings settings) {
        passwords.emplace(
            sign_in::PasswordFlow::Parts{*database, accounts, sessions, trail, hasher, throttle,
                                         background, policy, known_browsers},
            settings);
        oauth.emplace(sign_in::OAuthFlow::Parts{*database, providers, accounts, verifications,
                                                sessions, vault, trail, clock, random,
                                                session::Origin::https, throttle},
                      settings);
    }

    template <class T>
    Result<T> run(Task<T> task) {
        return database.run(std::move(task));
    }
    /// Until nothing runs in the background any more.
    void settle() { (void)run(background.wait_until_empty()); }

    /// The types of what happened to an account (or at all), oldest first.
    std::vector<std::string> events(std::optional<std::string> account_id = std::nullopt) {
        audit::Filter filter{.account_id = std::move(account_id)};
        auto page = run(trail.list(*database, std::move(filter), "", 200)).value();
        std::vector<std::string> types;
        for (auto entry = page.items.rbegin(); entry != page.items.rend(); ++entry)
            types.push_back(entry->type);
        return types;
    }
    std::size_t count(std::string_view table) {
        auto text = "SELECT COUNT(*) AS count FROM " + std::string(table);
        db::Statement statement{"test.count", text};
        return static_cast<std::size_t>(
            run(database->run(statement, db::Values())).value().rows[0][0].as_integer());
    }
    account::Account account(std::string id) { return run(accounts.find(*database, id)).value(); }

  private:
    static crypto::Keyring make_keyring(crypto::Random& random) {
        std::vector<SecretText> secrets{crypto::new_secret(random)};
        return crypto::Keyring::from_secrets(secrets, random).value();
    }
    static FakeProvider::Options options_of(std::string issuer) {
        FakeProvider::Options options;
        options.issuer = std::move(issuer);
        return options;
    }
    /// `idp` gives out the addresses at idp.example itself; `other` only proves some.
    provider::Options provider_options() const {
        auto first = idp.row();
        first["profile"].as_object()["authoritative_domains"] = schema::JsonArray{"idp.example"};
        provider::Options options;
        options.public_url = "https://app.example";
        options.settings.providers["idp"] = first;
        options.settings.providers["other"] = other.row();
        options.environment = [](const std::string&) { return std::nullopt; };
        return options;
    }
    /// One for all: building the list of common passwords takes a while in a debug build.
    static const password::Policy& common_policy() {
        static const auto policy = password::Policy::open({}, {"cardea", "app.example"}).value();
        return policy;
    }
    static password::Settings quick_hashes() {
        password::Settings settings;
        settings.cost = 4;
        settings.threads = 1;
        settings.other_threads = 1;
        return settings;
    }

  public:
    FakeClock clock;
    SeededRandom random;
    TestDatabase database{&clock};
    FakeProvider idp{clock, random, options_of("https://idp.example")};
    FakeProvider other{clock, random, options_of("https://other.example")};
    FakeNet net;
    runtime::TaskGroup background{database.io.get_executor()};
    crypto::Keyring keyring = make_keyring(random);
    audit::Trail trail{clock, random};
    account::Accounts accounts{clock, random};
    account::Verifications verifications{keyring, clock};
    session::Sessions sessions{*database, clock, random, background, {}};
    cache::MemoryCounters counters{clock, 10'000};
    throttle::Throttle throttle{{}, counters};
    password::formats::AnyHasher hasher{quick_hashes(), sign_in::bcrypt_side(quick_hashes())};
    password::Policy policy = common_policy();
    sign_in::KnownBrowsers known_browsers{keyring.derive("known browser"), clock,
                                          session::Origin::https};
    provider::Providers providers{{*database, net, keyring, clock, random}, provider_options()};
    vault::Vault vault{
        {*database, keyring, clock, random, trail,
         [this](std::string name, oauth::TokenSet kept) {
             return providers.renew(std::move(name), std::move(kept));
         },
         background, [this](const std::string& name) { return providers.renewal_margin(name); },
         [this](std::string name, oauth::TokenSet kept, std::string companion) {
             return providers.companion(std::move(name), std::move(kept), std::move(companion));
         },
         [this](std::string name, std::string companion) {
             return providers.companion_hash(std::move(name), std::move(companion));
         }},
        {}};
    std::optional<sign_in::PasswordFlow> passwords;
    std::optional<sign_in::OAuthFlow> oauth;
    sign_in::SessionFlow session_flow{*database, sessions, trail};
    sign_in::AccountFlow account_flow{
        {*database, accounts, sessions, trail, hasher, policy, &throttle}};
    sign_in::LeavingFlow leaving{{*database, providers, accounts, vault, trail, background}};
};

/// Somebody's browser: keeps cookies, follows the flows.
class Browser {
  public:
    explicit Browser(World& world, std::string address = "192.0.2.1")
        : world_(world), address_(std::move(address)) {}

    sign_in::Visit visit() const {
        sign_in::Visit result;
        result.origin.client_address = address_;
        result.origin.request_id = "req";
        result.device = "a browser";
        result.previous_token = session;
        return result;
    }

    Result<sign_in::SignUpOutcome> sign_up(std::string_view email,
                                           std::string_view password = "correct horse") {
        sign_in::SignUp wish{account::Email::parse(email).value(),
                             password::Password::parse(password).value(), account::Name()};
        auto outcome = world_.run(world_.passwords->sign_up(std::move(wish), visit()));
        if (outcome && outcome->signed_in) session = outcome->signed_in->token;
        return outcome;
    }
    Result<sign_in::SignedIn> sign_in(std::string_view email,
                                      std::string_view password = "correct horse") {
        sign_in::Credentials credentials{account::Email::parse(email).value(),
                                         password::Attempt::parse(password).value()};
        auto result = world_.run(world_.passwords->sign_in(std::move(credentials), visit()));
        if (result) session = result->token;
        return result;
    }
    Result<void> change_password(std::optional<std::string_view> current, std::string_view fresh) {
        sign_in::ChangePassword change{std::nullopt, password::Password::parse(fresh).value()};
        if (current) change.current = password::Attempt::parse(*current).value();
        auto caller = me().value();
        return world_.run(world_.passwords->change_password(caller, std::move(change), visit()));
    }

    /// Presses the button: gives the URL at the provider.
    Result<std::string> begin(std::string provider,
                              std::optional<std::string> link_to = std::nullopt) {
        sign_in::Begin wish;
        wish.provider = std::move(provider);
        wish.flow_cookie = flow;
        if (auto linker = me(); link_to && linker) wish.link_session = (*linker)->session.id;
        wish.link_to = std::move(link_to);
        wish.return_to = http::ReturnTo::parse("/welcome").value();
        auto begun = world_.run(world_.oauth->begin(std::move(wish), visit()));
        if (!begun) return std::unexpected(begun.error());
        flow = begun->cookie.value;
        return begun->location;
    }
    /// Comes back from the provider.
    Result<sign_in::Finished> finish(std::string provider, std::string query) {
        sign_in::Callback callback{std::move(provider), std::move(query), flow};
        auto finished = world_.run(world_.oauth->finish(std::move(callback), visit()));
        if (finished && finished->signed_in) session = finished->signed_in->token;
        return finished;
    }
    /// The whole round.
    Result<sign_in::Finished> sign_in_with(std::string provider) {
        auto url = begin(provider).value();
        return finish(provider, world_provider(provider).authorize(url));
    }
    Result<sign_in::Finished> link(std::string provider) {
        auto id = me().value()->account.id;
        auto url = begin(provider, std::move(id)).value();
        return finish(provider, world_provider(provider).authorize(url));
    }

    /// Who the session cookie says that this is.
    Result<session::SessionPointer> me() { return world_.run(world_.sessions.find(session)); }
    /// The account's id, or why there is none.
    std::string whoami() {
        auto found = me();
        return found ? (*found)->account.id : std::string(found.error().reason().slug);
    }

    SecretText session;
    std::string flow;

  private:
    FakeProvider& world_provider(const std::string& name) {
        return name == "idp" ? world_.idp : world_.other;
    }
    World& world_;
    std::string address_;
};

/// Why something was refused; empty when it was not.
template <class T>
std::string refusal(const Result<T>& result) {
    return result ? "" : std::string(result.error().reason().slug);
}

}  // namespace cardea
