#include "cardea/vault/facts.hpp"

#include "cardea/base/text.hpp"
#include "cardea/schema/json.hpp"
#include "cardea/vault/vault.hpp"

namespace cardea::vault {

namespace {

/// A companion's token in the clear, because the whole text is sealed.
struct Companion {
    std::string access_token;
    std::string token_type;
    std::optional<std::vector<std::string>> scopes;
    oauth::Expiry expiry = oauth::Expiry::unknown;
    std::optional<Instant> expires_at;
    Instant received_at{};
    std::optional<std::string> dpop_key;
    std::string params_hash;
};
DESCRIBED(Companion, (access_token, "As in oauth::CompanionToken."),
          (token_type, "As in oauth::CompanionToken."), (scopes, "As in oauth::CompanionToken."),
          (expiry, "As in oauth::CompanionToken."), (expires_at, "As in oauth::CompanionToken."),
          (received_at, "As in oauth::CompanionToken."), (dpop_key, "As in oauth::CompanionToken."),
          (params_hash, "As in oauth::CompanionToken.", schema::may_be_missing()))

/// What stands in the sealed column `kept`.
struct Facts {
    std::map<std::string, std::string> callback;
    std::map<std::string, std::string> kept;
    std::map<std::string, Companion> companions;
};
DESCRIBED(Facts, (callback, "Parameters of the sign-in's callback that renewals repeat."),
          (kept, "What the provider's row keeps for the application."),
          (companions, "Tokens for other audiences, by name.", schema::may_be_missing()))

}  // namespace

std::optional<SecretText> facts_of(const oauth::TokenSet& tokens) {
    if (tokens.callback.empty() && tokens.kept.empty() && tokens.companions.empty())
        return std::nullopt;
    Facts facts{tokens.callback, tokens.kept, {}};
    for (const auto& [name, token] : tokens.companions) {
        Companion& companion = facts.companions[name];
        companion = {token.access_token.reveal(),
                     token.token_type,
                     token.scopes,
                     token.expiry,
                     token.expires_at,
                     token.received_at,
                     {},
                     token.params_hash};
        if (token.dpop_key) companion.dpop_key = token.dpop_key->reveal();
    }
    SecretText text(schema::write_json(facts));
    for (auto& [name, companion] : facts.companions) {
        wipe(companion.access_token);
        if (companion.dpop_key) wipe(*companion.dpop_key);
    }
    return text;
}

Result<void> read_facts(const std::optional<SecretText>& text, oauth::TokenSet& tokens) {
    if (!text) return {};
    auto facts = schema::read_json<Facts>(text->reveal());
    if (!facts) return fail(internal, facts.error());
    tokens.callback = std::move(facts->callback);
    tokens.kept = std::move(facts->kept);
    for (auto& [name, companion] : facts->companions) {
        oauth::CompanionToken& token = tokens.companions[name];
        token = {SecretText(std::move(companion.access_token)),
                 std::move(companion.token_type),
                 std::move(companion.scopes),
                 companion.expiry,
                 companion.expires_at,
                 companion.received_at,
                 {},
                 std::move(companion.params_hash)};
        if (companion.dpop_key) token.dpop_key = SecretText(std::move(*companion.dpop_key));
    }
    return {};
}

}  // namespace cardea::vault
