// The engine's settings for a program that embeds it. For this module's sources.
#pragma once

#include "cardea/embed/oauth_authentication.hpp"
#include "cardea/engine/core.hpp"

namespace cardea::embed {

struct OAuthSettings {
    engine::Settings settings;
    engine::CoreOptions core;
};

/// Everything is checked as at a start of the server, but what only a listener needs. Fails with
/// `embed.settings_invalid`.
Result<OAuthSettings> read_settings(const TomlConfiguration& toml, const Environment& environment,
                                    const OAuthAuthentication::Options& options);

}  // namespace cardea::embed
