// Merging: what an answer leaves out stays as it was.
#include "cardea/oauth/token.hpp"

namespace cardea::oauth {

namespace {

/// The provider did not say how long the new token lives: as long as the one before it.
void keep_lifetime(const TokenSet& kept, TokenSet& answer) {
    if (kept.expiry == Expiry::never) answer.expiry = Expiry::never;
    if (kept.expiry != Expiry::at || !kept.expires_at) return;
    auto lifetime = *kept.expires_at - kept.received_at;
    if (lifetime <= Milliseconds(0)) return;
    answer.expiry = Expiry::at;
    answer.expires_at = answer.received_at + lifetime;
}

/// The key that the kept refresh token is bound to goes with this answer. A confidential client's
/// is bound to the client alone (RFC 9449 section 5).
bool loses_its_key(const TokenSet& kept, const TokenSet& answer) {
    return answer.is_for_public_client && kept.dpop_key && kept.dpop_key != answer.dpop_key;
}

}  // namespace

TokenSet merged(const TokenSet& kept, TokenSet answer) {
    if (!answer.refresh_token && !loses_its_key(kept, answer)) {
        answer.refresh_token = kept.refresh_token;
        if (!answer.refresh_token_expires_at)
            answer.refresh_token_expires_at = kept.refresh_token_expires_at;
    }
    if (!answer.scopes) answer.scopes = kept.scopes;
    if (!answer.id_token) answer.id_token = kept.id_token;
    if (answer.expiry == Expiry::unknown) keep_lifetime(kept, answer);
    answer.callback.insert(kept.callback.begin(), kept.callback.end());
    answer.kept.insert(kept.kept.begin(), kept.kept.end());
    answer.companions.insert(kept.companions.begin(), kept.companions.end());
    return answer;
}

TokenSet with_companion(TokenSet kept, const std::string& name, TokenSet answer) {
    if (answer.refresh_token) {
        kept.refresh_token = std::move(answer.refresh_token);
        kept.refresh_token_expires_at = answer.refresh_token_expires_at;
    }
    kept.companions[name] = {std::move(answer.access_token),
                             std::move(answer.token_type),
                             std::move(answer.scopes),
                             answer.expiry,
                             answer.expires_at,
                             answer.received_at,
                             std::move(answer.dpop_key)};
    return kept;
}

}  // namespace cardea::oauth
