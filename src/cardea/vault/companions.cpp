#include "cardea/vault/companions.hpp"

#include <algorithm>

#include "cardea/vault/vault.hpp"

namespace cardea::vault {

namespace {

constexpr std::size_t failures_limit = 10'000;

/// Where the provider did not say when a token ends: how long it is given out.
constexpr Seconds unknown_life = 1h;

const oauth::CompanionToken* find_companion(const oauth::TokenSet& tokens, const Wanted& wanted) {
    auto found = tokens.companions.find(wanted.name);
    bool is_there =
        found != tokens.companions.end() && found->second.params_hash == wanted.params_hash;
    return is_there ? &found->second : nullptr;
}

}  // namespace

bool companion_is_due(const oauth::TokenSet& tokens, const Wanted& wanted, Instant now,
                      Seconds margin) {
    const auto* token = find_companion(tokens, wanted);
    if (token == nullptr) return true;
    if (token->expiry == oauth::Expiry::unknown) return token->received_at + unknown_life <= now;
    if (!token->expires_at) return false;
    auto life = std::max(*token->expires_at - token->received_at, Milliseconds(0));
    return *token->expires_at <= now + std::min<Milliseconds>(margin, life / 3);
}

std::optional<AccessToken> living_companion(const oauth::TokenSet& tokens, const Wanted& wanted,
                                            Instant now) {
    const auto* found = find_companion(tokens, wanted);
    if (found == nullptr || (found->expires_at && *found->expires_at <= now)) return std::nullopt;
    AccessToken token;
    token.access_token = found->access_token;
    token.token_type = found->token_type;
    token.dpop_key = found->dpop_key;
    token.expiry = found->expiry;
    token.expires_at = found->expires_at;
    token.scopes = found->scopes.value_or(std::vector<std::string>());
    token.kept = tokens.kept;
    return token;
}

std::optional<Error> CompanionFailures::find(const std::string& key, Instant now) const {
    auto found = failures_.find(key);
    if (found == failures_.end() || found->second.retry_at <= now) return std::nullopt;
    const Error& error = found->second.error;
    if (error.is(needs_consent)) return error;
    auto left = std::chrono::ceil<Seconds>(found->second.retry_at - now);
    return Error(waits_for_provider, error).with_retry_after(left);
}

void CompanionFailures::remember(std::string key, Error error, Instant retry_at) {
    // A name that no row has can be asked for in any number.
    if (error.code() == Code::not_found) return;
    if (failures_.size() >= failures_limit) failures_.clear();
    failures_.insert_or_assign(std::move(key), Failure{std::move(error), retry_at});
}

void CompanionFailures::forget(const std::string& beginning) {
    auto is_of_it = [&](const auto& failure) { return failure.first.starts_with(beginning); };
    std::erase_if(failures_, is_of_it);
}

}  // namespace cardea::vault
