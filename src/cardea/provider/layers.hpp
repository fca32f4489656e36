// Laying the sources of a provider's configuration over each other, key by key.
#pragma once

#include <array>
#include <boost/describe/enum.hpp>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/oauth/provider.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::provider {

/// Where a value comes from; later ones win.
enum class Origin { catalogue, config, table, environment };
BOOST_DESCRIBE_ENUM(Origin, catalogue, config, table, environment)

/// The keys of a row that are secrets.
inline constexpr std::array<std::string_view, 2> secret_keys{"client_secret",
                                                             "client_secret_previous"};
/// By key.
using Secrets = std::map<std::string, SecretText, std::less<>>;

/// What one source says. Secrets stand beside the row and never in it.
struct Layer {
    Origin origin = Origin::catalogue;
    schema::JsonObject row{};
    Secrets secrets{};
};

/// The layer of a row; moves the secrets out of it. Fails with `request.invalid` when one is not a
/// text.
Result<Layer> make_layer(Origin origin, schema::JsonObject row);

/// All layers as one row, and where each value of it comes from (`profile.email_trust` for a value
/// in a table). Tables are merged key by key; lists are replaced whole.
struct Merged {
    schema::JsonObject row;
    Secrets secrets;
    std::map<std::string, Origin> origins;
};
Merged merge(const std::vector<Layer>& layers);

/// The merged row as a Provider. Unknown keys, wrong types and unusable values are refused, all at
/// once, with `oauth.provider_invalid`.
Result<oauth::Provider> read_provider(const std::string& name, const Merged& merged,
                                      oauth::Loopback loopback);

}  // namespace cardea::provider
