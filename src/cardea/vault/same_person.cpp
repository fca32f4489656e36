// Compares two claims; the signatures were, or will be, verified where the tokens are believed.
#include "cardea/vault/same_person.hpp"

#include "cardea/jose/jwt.hpp"

namespace cardea::vault {

namespace {

std::optional<schema::JsonObject> claims_of(const std::optional<SecretText>& id_token) {
    if (!id_token) return std::nullopt;
    auto token = jose::parse(id_token->reveal());
    if (!token) return std::nullopt;
    return token->payload;
}

}  // namespace

Result<void> check_same_person(const oauth::TokenSet& kept, const oauth::TokenSet& answer) {
    auto before = claims_of(kept.id_token);
    if (!before || !answer.id_token) return {};
    auto now = claims_of(answer.id_token);
    if (!now) return fail(identity_changed, "the new ID token cannot be read");
    for (const char* name : {"iss", "sub"}) {
        auto* old_value = before->if_contains(name);
        auto* new_value = now->if_contains(name);
        bool same = old_value && new_value && *old_value == *new_value;
        if (!same) return fail(identity_changed, std::string(name) + " differs");
    }
    return {};
}

}  // namespace cardea::vault
