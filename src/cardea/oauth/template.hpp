// Placeholders in a provider's row: `{name}` stands for something that is known later.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/oauth/provider.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::oauth {

/// The value of a placeholder; nothing leaves it standing.
using Lookup = std::function<std::optional<std::string>(std::string_view name)>;

/// The text with its placeholders filled in. A placeholder is `{name}`, `{prefix:rest}` or
/// `{/pointer}`; any other brace is text. What a lookup gives is never searched again.
std::string fill(std::string_view text, const Lookup& lookup);
/// The names of all placeholders, without braces.
std::vector<std::string> placeholders(std::string_view text);

/// Puts the values of the provider's variables (given, else their defaults) into everything that
/// may name one. Fails with `oauth.provider_invalid` when a value is not one that its variable
/// allows, or is of no variable. Variables without a value stay placeholders.
Result<void> fill_variables(Provider& provider);
/// Whether `{client_secret}` stands anywhere: then even a public client needs one.
bool sends_secret(const Provider& provider);
/// Whether it stands in the call for the profile, and in the one for addresses.
bool userinfo_request_sends_secret(const Provider& provider);
bool email_request_sends_secret(const Provider& provider);
/// Variables that need a value and have none.
std::vector<std::string> missing_values(const Provider& provider);

/// What is known when a request is made, beyond the provider itself.
struct RequestFacts {
    std::string access_token;  ///< `{access_token}`
    std::string token_answer;  ///< `{token_response:/pointer}`, as JSON.
    Texts callback;  ///< `{callback:name}`, and `{callback:name/pointer}` where it is JSON.
};
/// The value of `{callback:NAME}` by its NAME, which may go on with a pointer into JSON; empty when
/// nothing fit stands there.
std::string callback_text(const Texts& callback, std::string_view name);
/// The parameters of a callback that the texts name.
Texts named_parameters(const Texts& texts, const Texts& callback);
/// The texts with `{client_id}`, `{client_secret}`, `{scopes}`, `{redirect_uri}` and the facts
/// filled in; what is not known becomes empty.
Texts fill_request(const Provider& provider, Texts texts, const RequestFacts& facts);
/// Whether a request knows the name.
bool is_request_placeholder(std::string_view name);
/// Puts 256 new random bits (base64url) into the place of each `{random}`.
void fill_random(Texts& texts, crypto::Random& random);
/// Whether requests to the token endpoint need with_random() first.
bool needs_random(const Provider& provider);
/// The provider with new random texts for its next request to the token endpoint.
Provider with_random(const Provider& provider, crypto::Random& random);

/// Whether `iss` is the provider's issuer or another name of it. `{claim:name}` in those stands for
/// the claim of the token itself: a name of letters, digits and hyphens. Without claims (in a
/// callback) any such name fits.
bool is_issuer(const Provider& provider, std::string_view iss, const schema::JsonObject* claims);

}  // namespace cardea::oauth
