#include "cardea/embed/oauth_calls.hpp"

#include "cardea/base/log.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "cardea/sign_in/flow_cookie.hpp"
#include "cardea/sign_in/linking.hpp"
#include "cardea/sign_in/provider_round.hpp"

namespace cardea::embed {
namespace {

/// Not the server's `oauth_state`: what begins here cannot end at the server's callback, where it
/// would open a session, nor the other way round.
constexpr const char* state_kind = "oauth_embed_state";

sign_in::ProviderRound round_on(engine::Core& core) {
    return sign_in::ProviderRound(
        {core.database(), core.providers(), core.verifications(), core.clock(), core.random()},
        state_kind);
}

/// Seals the tokens; gives them merged with those that were kept.
Task<ExchangedTokens> keep(engine::Core& core, sign_in::Proof proof) {
    ExchangedTokens exchanged;
    exchanged.profile = std::move(proof.profile);
    auto answer = proof.tokens.answer;
    auto transaction = co_await core.database().begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto connection = co_await core.vault().keep(**transaction, std::move(proof.identity),
                                                 std::move(proof.tokens));
    if (!connection) co_return std::unexpected(connection.error());
    auto tokens = co_await core.vault().tokens(**transaction, connection->id);
    if (!tokens) co_return std::unexpected(tokens.error());
    auto committed = co_await (*transaction)->commit();
    if (!committed) co_return std::unexpected(committed.error());
    log::info("oauth.connected", log::kv("provider", connection->provider),
              log::kv("connection", connection->id));
    exchanged.connection = std::move(connection->id);
    exchanged.account = std::move(connection->account_id);
    exchanged.tokens = std::move(*tokens);
    exchanged.tokens.answer = std::move(answer);
    co_return exchanged;
}

/// Through the vault, which goes on renewing: it must know the token that a provider has rotated.
Task<oauth::TokenSet> refresh_kept(engine::Core& core, vault::Holder holder) {
    auto& vault = core.vault();
    if (holder.is_current) {
        auto renewed = co_await vault.renew(holder.id);
        if (!renewed) co_return std::unexpected(renewed.error());
    } else {
        // Sent once more, a spent token would tell the provider that it was stolen.
        auto fresh = co_await vault.fresh_token(holder.id);
        if (!fresh) co_return std::unexpected(fresh.error());
    }
    co_return co_await vault.tokens(core.database(), std::move(holder.id));
}

}  // namespace

Task<AuthorizationUrl> begin(engine::Core& core, std::string provider, SecretText binding) {
    auto ready = co_await core.providers().ready(std::move(provider));
    if (!ready) co_return std::unexpected(ready.error());
    auto round = round_on(core);
    AuthorizationUrl begun;
    begun.binding = sign_in::browser_secret(binding.reveal(), core.random());
    sign_in::Departure departure;
    auto url = co_await round.begin(std::move(*ready), begun.binding, std::move(departure));
    if (!url) co_return std::unexpected(url.error());
    begun.url = std::move(*url);
    co_return begun;
}

Task<ExchangedTokens> exchange(engine::Core& core, std::string provider, SecretText query,
                               SecretText binding) {
    auto callback = oauth::read_callback(provider, query.reveal());
    if (!callback) co_return std::unexpected(callback.error());
    auto round = round_on(core);
    auto taken = co_await round.take(callback->state);
    if (!taken) co_return std::unexpected(sign_in::state_refusal(taken.error()));
    auto arrival =
        co_await round.arrive(std::move(*taken), std::move(*callback), std::move(binding));
    if (!arrival) co_return std::unexpected(arrival.error());
    auto proof = co_await round.prove(std::move(arrival->provider), std::move(arrival->code),
                                      std::move(arrival->dpop_key));
    if (!proof) co_return std::unexpected(proof.error());
    co_return co_await keep(core, std::move(*proof));
}

Task<oauth::TokenSet> refresh(engine::Core& core, std::string provider, SecretText refresh_token,
                              std::optional<SecretText> dpop_key) {
    auto holder = co_await core.vault().holder_of(core.database(), provider, refresh_token);
    if (!holder) co_return std::unexpected(holder.error());
    if (*holder) co_return co_await refresh_kept(core, std::move(**holder));
    oauth::TokenSet given;
    given.refresh_token = std::move(refresh_token);
    given.dpop_key = std::move(dpop_key);
    auto answer = co_await core.providers().renew(std::move(provider), given);
    if (!answer) co_return std::unexpected(answer.error());
    co_return oauth::merged(given, std::move(*answer));
}

Task<oauth::Profile> user_info(engine::Core& core, std::string provider, SecretText access_token,
                               std::optional<SecretText> dpop_key) {
    provider::Exchanged exchanged;
    exchanged.tokens.access_token = std::move(access_token);
    exchanged.tokens.dpop_key = std::move(dpop_key);
    co_return co_await core.providers().profile(std::move(provider), std::move(exchanged));
}

Task<void> link(engine::Core& core, std::string connection, std::string account) {
    auto transaction = co_await core.database().begin();
    if (!transaction) co_return std::unexpected(transaction.error());
    auto found = co_await core.vault().find(**transaction, connection);
    if (!found) co_return std::unexpected(found.error());
    auto owner = co_await core.accounts().find(**transaction, account);
    if (!owner) co_return std::unexpected(owner.error());
    if (owner->is_disabled()) co_return fail(account::disabled);
    auto linked = co_await core.vault().link(**transaction, std::move(connection), account);
    if (!linked || found->account_id) co_return linked;
    audit::Origin origin{account, "", ""};
    auto event = sign_in::linked_event(*found, std::move(account), sign_in::LinkProof::program,
                                       std::move(origin));
    auto written = co_await core.trail().write(**transaction, std::move(event));
    if (!written) co_return written;
    co_return co_await (*transaction)->commit();
}

}  // namespace cardea::embed
