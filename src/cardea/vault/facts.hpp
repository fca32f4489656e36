// What lies beside a connection's tokens, as the one text that its column `kept` seals.
#pragma once

#include <optional>

#include "cardea/base/error.hpp"
#include "cardea/oauth/token.hpp"

namespace cardea::vault {

/// The parameters that renewals repeat, the facts for the application, and the companions. Absent
/// where there are none of them.
std::optional<SecretText> facts_of(const oauth::TokenSet& tokens);
/// Reads them back into the tokens. Rows from before there were any have no text.
Result<void> read_facts(const std::optional<SecretText>& text, oauth::TokenSet& tokens);

}  // namespace cardea::vault
