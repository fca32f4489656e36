// Laying the sources of a provider's configuration over each other, key by key.
#pragma once

#include <boost/describe/enum.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/oauth/provider.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::provider {

/// Where a value comes from; later ones win.
enum class Origin { catalogue, config, table, environment };
BOOST_DESCRIBE_ENUM(Origin, catalogue, config, table, environment)

/// What one source says. The secret stands beside the row and never in it.
struct Layer {
    Origin origin = Origin::catalogue;
    schema::JsonObject row;
    std::optional<SecretText> client_secret;
};

/// The layer of a row; moves its `client_secret` out of it. Fails with `request.invalid` when that
/// is not a text.
Result<Layer> make_layer(Origin origin, schema::JsonObject row);

/// All layers as one row, and where each value of it comes from (`profile.email_trust` for a value
/// in a table). Tables are merged key by key; lists are replaced whole.
struct Merged {
    schema::JsonObject row;
    std::optional<SecretText> client_secret;
    std::map<std::string, Origin> origins;
};
Merged merge(const std::vector<Layer>& layers);

/// The merged row as a Provider. Unknown keys, wrong types and unusable values are refused, all at
/// once, with `oauth.provider_invalid`.
Result<oauth::Provider> read_provider(const std::string& name, const Merged& merged,
                                      oauth::Loopback loopback);

}  // namespace cardea::provider
