// The conversation with providers: oauth's requests sent, its answers read, in the right order.
#include "cardea/provider/providers.hpp"

#include "cardea/base/encoding.hpp"
#include "cardea/base/log.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/oauth/pushed_authorization.hpp"
#include "cardea/oauth/requests.hpp"
#include "cardea/oauth/template.hpp"
#include "cardea/provider/check.hpp"
#include "cardea/provider/client_sender.hpp"
#include "cardea/provider/configuration.hpp"
#include "cardea/provider/discovery_cache.hpp"
#include "cardea/provider/key_cache.hpp"
#include "cardea/provider/sender.hpp"
#include "cardea/provider/showing.hpp"
#include "cardea/runtime/coroutine.hpp"

namespace cardea::provider {

namespace {

using DpopKey = std::optional<SecretText>;

/// What tokens are to be bound to: the key that was kept, or a new one where the row asks for it.
Result<DpopKey> dpop_key_for(const oauth::Provider& provider, DpopKey kept) {
    if (kept || !provider.dpop_bound_access_tokens) return kept;
    auto key = oauth::new_dpop_key();
    if (!key) return std::unexpected(key.error());
    return DpopKey(std::move(*key));
}

/// `access_token`: of a resource call.
Binding binding_of(const DpopKey& key, const SecretText& access_token = {}) {
    if (!key) return std::nullopt;
    return oauth::DpopBinding{*key, access_token, {}};
}

/// What the answer to a pushed request says of the client.
ClientVerdict push_verdict(const oauth::Provider& provider, const http::Response& response) {
    auto pushed = oauth::read_pushed_authorization(provider, response);
    if (pushed) return ClientVerdict::accepted;
    return pushed.error().is(oauth::client_rejected) ? ClientVerdict::refused
                                                     : ClientVerdict::unclear;
}

/// For operators, who may have mistyped it.
Error unknown_name(const std::string& name) {
    return Error(unknown,
                 name + ": `cardea provider list --all` names those that can be configured");
}

}  // namespace

struct Providers::State {
    State(Parts parts_in, Options options_in)
        : parts(parts_in),
          options(std::move(options_in)),
          configuration(parts, options),
          sender({parts.client, parts.clock, parts.random}, options.limits,
                 options.settings.emulator),
          clients(sender, parts.random, parts.clock),
          discovery(sender, parts.clock, options),
          key_cache(sender, parts.clock) {}

    using Build = std::function<http::Request(const oauth::Provider&)>;
    /// Sends what is answered with tokens; they must be bound to the key, where there is one.
    Task<oauth::TokenSet> ask_for_tokens(ProviderPtr provider, Build build, DpopKey dpop_key);
    Task<oauth::TokenSet> second_exchange(ProviderPtr provider, oauth::TokenSet tokens,
                                          oauth::Texts callback);
    Task<oauth::TokenSet> refreshed(ProviderPtr provider, oauth::TokenSet kept);
    Task<void> revoke(ProviderPtr provider, oauth::TokenSet tokens);
    Task<oauth::IdClaims> verified(ProviderPtr provider, oauth::ClaimedIdToken token);
    /// A call with an access token.
    Task<http::Response> call(ProviderPtr provider, Build build, Binding binding,
                              bool sends_secret);
    Task<schema::Json> profile_source(ProviderPtr provider, Exchanged exchanged);
    Task<oauth::Profile> with_email(ProviderPtr provider, oauth::TokenSet tokens,
                                    oauth::Profile profile);

    Parts parts;
    Options options;
    Configuration configuration;
    Sender sender;
    ClientSender clients;
    DiscoveryCache discovery;
    KeyCache key_cache;
};

Providers::Providers(Parts parts, Options options)
    : state_(std::make_unique<State>(parts, std::move(options))) {}
Providers::~Providers() = default;

Task<std::vector<ProviderPtr>> Providers::enabled() {
    auto entries = co_await state_->configuration.entries();
    if (!entries) co_return std::unexpected(entries.error());
    std::vector<ProviderPtr> result;
    for (const auto& [name, entry] : **entries)
        if (entry.problem.empty()) result.push_back(entry.provider);
    co_return result;
}

Task<ProviderPtr> Providers::find(std::string name) {
    auto entries = co_await state_->configuration.entries();
    if (!entries) co_return std::unexpected(entries.error());
    auto entry = (*entries)->find(name);
    if (entry == (*entries)->end()) co_return fail(unknown, name);
    if (!entry->second.problem.empty()) co_return fail(unknown, entry->second.problem);
    co_return entry->second.provider;
}

Task<ProviderPtr> Providers::ready(std::string name) {
    auto provider = co_await find(std::move(name));
    if (!provider) co_return std::unexpected(provider.error());
    co_return co_await state_->discovery.complete(std::move(*provider));
}

std::optional<Seconds> Providers::renewal_margin(const std::string& name) const {
    auto entries = state_->configuration.latest();
    auto entry = entries ? entries->find(name) : Entries::const_iterator();
    if (!entries || entry == entries->end() || !entry->second.provider) return std::nullopt;
    return entry->second.provider->renewal.margin;
}

std::string Providers::redirect_uri(const oauth::Provider& provider) const {
    return provider::redirect_uri(state_->options, provider);
}

Task<oauth::Authorization> Providers::push(ProviderPtr provider,
                                           oauth::Authorization authorization) {
    if (!oauth::is_pushed(*provider)) co_return authorization;
    auto key = dpop_key_for(*provider, std::nullopt);
    if (!key) co_return std::unexpected(key.error());
    ClientRequest request;
    request.build = [&authorization](const oauth::Provider& armed) {
        return oauth::pushed_authorization_request(armed, authorization.parameters);
    };
    request.verdict = push_verdict;
    request.binding = binding_of(*key);
    auto response = co_await state_->clients.send(provider, std::move(request));
    if (!response) co_return std::unexpected(response.error());
    auto pushed = oauth::read_pushed_authorization(*provider, *response);
    if (!pushed) co_return std::unexpected(in_our_words(pushed.error()));
    authorization.url = oauth::pushed_authorization_url(*provider, pushed->request_uri);
    authorization.pending.dpop_key = std::move(*key);
    co_return authorization;
}

Task<Exchanged> Providers::exchange(oauth::AuthorizationCode code,
                                    std::optional<SecretText> dpop_key) {
    auto provider = co_await ready(code.provider());
    if (!provider) co_return std::unexpected(provider.error());
    auto key = dpop_key_for(**provider, std::move(dpop_key));
    if (!key) co_return std::unexpected(key.error());
    State::Build build = [&code](const oauth::Provider& armed) {
        return oauth::token_request(armed, code);
    };
    auto tokens = co_await state_->ask_for_tokens(*provider, std::move(build), std::move(*key));
    if (!tokens && tokens.error().is(oauth::consent_withdrawn))
        co_return fail(code_refused, tokens.error());
    if (!tokens) co_return std::unexpected(tokens.error());

    Exchanged exchanged;
    exchanged.tokens = std::move(*tokens);
    exchanged.callback = code.parameters();
    oauth::keep_facts(**provider, exchanged.callback, exchanged.tokens);
    if ((*provider)->token_chain) {
        auto longer =
            co_await state_->second_exchange(*provider, exchanged.tokens, exchanged.callback);
        if (!longer) co_return std::unexpected(longer.error());
        exchanged.tokens = std::move(*longer);
    }
    if (!oauth::wants_id_token(**provider)) co_return exchanged;
    if (!exchanged.tokens.id_token)
        co_return fail(oauth::id_token_refused, "openid was asked for and no ID token came");
    oauth::Expectation expected;
    expected.nonce = code.nonce();
    expected.access_token = exchanged.tokens.access_token;
    expected.now = state_->parts.clock.now();
    auto claimed = oauth::check_claims(**provider, exchanged.tokens.id_token->reveal(), expected);
    if (!claimed) co_return std::unexpected(claimed.error());
    auto id = co_await state_->verified(std::move(*provider), std::move(*claimed));
    if (!id) co_return std::unexpected(id.error());
    exchanged.id = std::move(*id);
    co_return exchanged;
}

Task<oauth::TokenSet> Providers::State::ask_for_tokens(ProviderPtr provider, Build build,
                                                       DpopKey dpop_key) {
    ClientRequest request{std::move(build), token_verdict, binding_of(dpop_key)};
    auto response = co_await clients.send(provider, std::move(request));
    if (!response) co_return std::unexpected(response.error());
    auto tokens = oauth::read_token_response(*provider, *response, parts.clock.now());
    if (!tokens) co_return std::unexpected(in_our_words(tokens.error()));
    if (!dpop_key) co_return tokens;
    co_return oauth::bound_to(*dpop_key, std::move(*tokens));
}

// The first token is worth little: a sign-in whose second exchange fails is begun again.
Task<oauth::TokenSet> Providers::State::second_exchange(ProviderPtr provider,
                                                        oauth::TokenSet tokens,
                                                        oauth::Texts callback) {
    Build build = [&tokens](const oauth::Provider& armed) {
        return oauth::chain_request(armed, tokens).value_or(http::Request());
    };
    auto longer = co_await ask_for_tokens(provider, std::move(build), std::nullopt);
    if (!longer) co_return std::unexpected(longer.error());
    oauth::keep_facts(*provider, callback, *longer);
    co_return oauth::merged(tokens, std::move(*longer));
}

Task<oauth::IdClaims> Providers::State::verified(ProviderPtr provider,
                                                 oauth::ClaimedIdToken token) {
    if (oauth::has_secret_id_tokens(*provider))
        co_return oauth::verify_with_secret(*provider, token);
    auto keys = co_await key_cache.keys(provider);
    if (!keys) co_return std::unexpected(keys.error());
    auto claims = oauth::verify(*provider, token, *keys);
    if (claims) co_return claims;
    auto newer = co_await key_cache.newer_keys(provider);
    if (!newer) co_return std::unexpected(newer.error());
    if (!*newer) co_return claims;
    co_return oauth::verify(*provider, token, **newer);
}

Task<http::Response> Providers::State::call(ProviderPtr provider, Build build, Binding binding,
                                            bool sends_secret) {
    if (!sends_secret) {
        auto request = build(*provider);
        co_return co_await sender.again_if_broken(std::move(request), std::move(binding));
    }
    ClientRequest request{std::move(build), call_verdict, std::move(binding), Repeats::when_broken};
    co_return co_await clients.send(std::move(provider), std::move(request));
}

Task<schema::Json> Providers::State::profile_source(ProviderPtr provider, Exchanged exchanged) {
    bool can_ask = !provider->userinfo_endpoint.empty();
    if (provider->profile.source == oauth::ProfileSource::token_response)
        co_return schema::parse_json(exchanged.tokens.answer.reveal());
    if (provider->profile.source == oauth::ProfileSource::id_token || !can_ask) {
        if (!exchanged.id)
            co_return fail(oauth::profile_refused, "the profile comes with sign-ins only");
        co_return exchanged.id->claims;
    }
    Build build = [&exchanged](const oauth::Provider& armed) {
        return oauth::userinfo_request(armed, exchanged.tokens);
    };
    auto binding = binding_of(exchanged.tokens.dpop_key, exchanged.tokens.access_token);
    auto response = co_await call(provider, std::move(build), std::move(binding),
                                  oauth::userinfo_request_sends_secret(*provider));
    if (!response) co_return std::unexpected(response.error());
    auto json = oauth::read_json_answer(*response);
    if (!json) co_return std::unexpected(in_our_words(json.error()));
    co_return json;
}

Task<oauth::Profile> Providers::State::with_email(ProviderPtr provider, oauth::TokenSet tokens,
                                                  oauth::Profile profile) {
    Build build = [&tokens](const oauth::Provider& armed) {
        return oauth::email_request(armed, tokens.access_token);
    };
    auto binding = binding_of(tokens.dpop_key, tokens.access_token);
    auto response = co_await call(provider, std::move(build), std::move(binding),
                                  oauth::email_request_sends_secret(*provider));
    if (!response) co_return std::unexpected(response.error());
    // The user may have granted everything but the addresses: then there are none.
    if (response->status == 401 || response->status == 403 || response->status == 404)
        co_return profile;
    auto addresses = oauth::read_json_answer(*response);
    if (!addresses) co_return std::unexpected(in_our_words(addresses.error()));
    oauth::add_email(*provider, *addresses, profile);
    co_return profile;
}

Task<oauth::Profile> Providers::profile(std::string name, Exchanged exchanged) {
    auto provider = co_await ready(std::move(name));
    if (!provider) co_return std::unexpected(provider.error());
    auto raw = co_await state_->profile_source(*provider, exchanged);
    if (!raw) co_return std::unexpected(raw.error());
    auto id_subject = exchanged.id ? exchanged.id->subject : std::string();
    auto profile = oauth::read_profile(**provider, *raw, id_subject, exchanged.callback);
    if (!profile || !(*provider)->email_request) co_return profile;
    if (!(*provider)->email_request->endpoint.empty())
        co_return co_await state_->with_email(*provider, std::move(exchanged.tokens),
                                              std::move(*profile));
    oauth::add_email(**provider, *raw, *profile);
    co_return profile;
}

Task<oauth::TokenSet> Providers::State::refreshed(ProviderPtr provider, oauth::TokenSet kept) {
    auto key = dpop_key_for(*provider, std::move(kept.dpop_key));
    if (!key) co_return std::unexpected(key.error());
    auto refresh_token = kept.refresh_token.value_or(SecretText());
    Build build = [&](const oauth::Provider& armed) {
        return oauth::refresh_request(armed, refresh_token, kept.callback);
    };
    auto tokens = co_await ask_for_tokens(provider, std::move(build), std::move(*key));
    if (tokens) oauth::keep_facts(*provider, kept.callback, *tokens);
    co_return tokens;
}

Task<oauth::TokenSet> Providers::renew(std::string name, oauth::TokenSet kept) {
    auto provider = co_await ready(std::move(name));
    if (!provider) co_return std::unexpected(provider.error());
    co_return co_await state_->refreshed(std::move(*provider), std::move(kept));
}

Task<std::string> Providers::companion_hash(std::string name, std::string companion) {
    auto provider = co_await find(std::move(name));
    if (!provider) co_return std::unexpected(provider.error());
    const auto& companions = (*provider)->renewal.companions;
    auto found = companions.find(companion);
    if (found == companions.end()) co_return fail(no_companion, companion);
    auto digest = crypto::sha256(schema::write_json(found->second));
    co_return to_base64url(digest);
}

Task<oauth::TokenSet> Providers::companion(std::string name, oauth::TokenSet kept,
                                           std::string companion) {
    auto provider = co_await ready(std::move(name));
    if (!provider) co_return std::unexpected(provider.error());
    auto asked = oauth::for_companion(**provider, companion);
    if (!asked) co_return fail(no_companion, companion);
    // A new key would be the companion's alone, and a public client's next refresh token has it.
    if (!kept.dpop_key) asked->dpop_bound_access_tokens = false;
    auto companions_own = std::make_shared<const oauth::Provider>(std::move(*asked));
    co_return co_await state_->refreshed(std::move(companions_own), std::move(kept));
}

Task<void> Providers::revoke(std::string name, oauth::TokenSet tokens) {
    auto provider = co_await ready(std::move(name));
    if (!provider) co_return std::unexpected(provider.error());
    auto companions = oauth::companions_to_revoke(**provider, tokens);
    // The refresh token first: it gets others.
    auto revoked = co_await state_->revoke(*provider, std::move(tokens));
    for (auto& companion : companions) {
        // Who does not answer is not waited for once more for each.
        if (!revoked && revoked.error().is(timeout)) break;
        auto next = co_await state_->revoke(*provider, std::move(companion));
        // After a success the client is proven: what is refused then is a token that is dead.
        bool was_dead = !next && next.error().is(oauth::client_rejected);
        if (revoked && !was_dead) revoked = std::move(next);
    }
    co_return revoked;
}

Task<void> Providers::State::revoke(ProviderPtr provider, oauth::TokenSet tokens) {
    if (!oauth::revocation_request(*provider, tokens)) co_return Result<void>();
    ClientRequest request;
    request.build = [&tokens](const oauth::Provider& armed) {
        return oauth::revocation_request(armed, tokens).value_or(http::Request());
    };
    request.verdict = revocation_verdict;
    auto response = co_await clients.send(provider, std::move(request));
    if (!response) co_return std::unexpected(response.error());
    auto status = "status " + std::to_string(response->status);
    if (revocation_verdict(*provider, *response) == ClientVerdict::refused)
        co_return fail(oauth::client_rejected, status);
    if (response->status == 429 || response->status >= 500) co_return fail(failed, status);
    // Any other refusal says that the token is not live any more, which is what was wanted.
    if (response->status >= 400)
        log::info("provider.revocation_refused", log::kv("provider", provider->name),
                  log::kv("status", response->status));
    co_return Result<void>();
}

Task<std::vector<Listed>> Providers::list() {
    auto entries = co_await state_->configuration.entries();
    if (!entries) co_return std::unexpected(entries.error());
    std::vector<Listed> result;
    result.reserve((*entries)->size());
    for (const auto& [name, entry] : **entries) result.push_back(listed(name, entry));
    co_return result;
}

Task<Shown> Providers::show(std::string name) {
    auto entries = co_await state_->configuration.entries();
    if (!entries) co_return std::unexpected(entries.error());
    auto at = (*entries)->find(name);
    if (at == (*entries)->end()) co_return std::unexpected(unknown_name(name));
    co_return shown(name, at->second, state_->options);
}

Task<CheckReport> Providers::check(std::string name) {
    auto entries = co_await state_->configuration.entries();
    if (!entries) co_return std::unexpected(entries.error());
    auto at = (*entries)->find(name);
    if (at == (*entries)->end()) co_return std::unexpected(unknown_name(name));
    Check check({state_->parts.client, state_->clients, state_->parts.random, state_->parts.clock,
                 state_->options},
                std::move(name), at->second);
    co_return co_await check.run();
}

Task<void> Providers::add(std::string name, schema::JsonObject row) {
    co_return co_await state_->configuration.add(std::move(name), std::move(row));
}
Task<void> Providers::replace(std::string name, schema::JsonObject row) {
    co_return co_await state_->configuration.replace(std::move(name), std::move(row));
}
Task<void> Providers::update(std::string name, schema::JsonObject changes) {
    co_return co_await state_->configuration.update(std::move(name), std::move(changes));
}
Task<void> Providers::remove(std::string name) {
    co_return co_await state_->configuration.remove(std::move(name));
}

}  // namespace cardea::provider
