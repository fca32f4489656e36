// What each method of OAuthAuthentication does on the I/O thread. For this module's sources.
#pragma once

#include "cardea/embed/oauth_authentication.hpp"
#include "cardea/engine/core.hpp"

namespace cardea::embed {

Task<AuthorizationUrl> begin(engine::Core& core, std::string provider, SecretText binding);
Task<ExchangedTokens> exchange(engine::Core& core, std::string provider, SecretText query,
                               SecretText binding);
Task<oauth::TokenSet> refresh(engine::Core& core, std::string provider, SecretText refresh_token,
                              std::optional<SecretText> dpop_key);
Task<oauth::Profile> user_info(engine::Core& core, std::string provider, SecretText access_token,
                               std::optional<SecretText> dpop_key);
Task<void> link(engine::Core& core, std::string connection, std::string account);

}  // namespace cardea::embed
