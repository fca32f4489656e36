#include "cardea/vault/companions.hpp"

#include <algorithm>

namespace cardea::vault {

namespace {

constexpr std::size_t failures_limit = 10'000;

bool lives(const oauth::CompanionToken& token, Instant now, Seconds margin) {
    if (!token.expires_at) return true;
    auto life = std::max(*token.expires_at - token.received_at, Milliseconds(0));
    return *token.expires_at > now + std::min<Milliseconds>(margin, life / 3);
}

}  // namespace

std::optional<AccessToken> companion_lease(const oauth::TokenSet& tokens, const std::string& name,
                                           Instant now, Seconds margin) {
    auto found = tokens.companions.find(name);
    if (found == tokens.companions.end()) return std::nullopt;
    const oauth::CompanionToken& companion = found->second;
    if (!lives(companion, now, margin)) return std::nullopt;
    AccessToken lease;
    lease.access_token = companion.access_token;
    lease.token_type = companion.token_type;
    lease.dpop_key = companion.dpop_key;
    lease.expiry = companion.expiry;
    lease.expires_at = companion.expires_at;
    lease.scopes = companion.scopes.value_or(std::vector<std::string>());
    lease.kept = tokens.kept;
    return lease;
}

std::optional<Error> CompanionFailures::find(const std::string& key, Instant now) const {
    auto found = failures_.find(key);
    if (found == failures_.end() || found->second.retry_at <= now) return std::nullopt;
    auto left = std::chrono::ceil<Seconds>(found->second.retry_at - now);
    return Error(found->second.error).with_retry_after(left);
}

void CompanionFailures::remember(std::string key, Error error, Instant retry_at) {
    // A name that no row has can be asked for in any number.
    if (error.code() == Code::not_found) return;
    if (failures_.size() >= failures_limit) failures_.clear();
    failures_.insert_or_assign(std::move(key), Failure{std::move(error), retry_at});
}

}  // namespace cardea::vault
