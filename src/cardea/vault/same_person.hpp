// Whether the answer to a refresh is about the person it was asked for.
#pragma once

#include "cardea/base/error.hpp"
#include "cardea/oauth/token.hpp"

namespace cardea::vault {

/// The ID token of the answer names another issuer or subject than the one kept: the provider mixed
/// people up, or somebody stands in between. Nothing of the answer is kept.
inline constexpr Reason identity_changed{
    Code::peer_failed, "vault.identity_changed",
    "The provider answered for somebody else. Tell the operator if it happens again."};

/// OpenID Connect Core section 12.2: a new ID token has the `iss` and `sub` of the one before it.
Result<void> check_same_person(const oauth::TokenSet& kept, const oauth::TokenSet& answer);

}  // namespace cardea::vault
