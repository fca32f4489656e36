// Whether a request proves the client in exactly the way that a provider wants.
#pragma once

#include <string>
#include <vector>

#include "cardea/base/clock.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/http/message.hpp"
#include "cardea/http/parameters.hpp"
#include "server/emulator/behaviour.hpp"

namespace cardea::emulator {

/// The one client that each provider knows.
struct Registration {
    std::string id;
    SecretText secret;  ///< What an operator configures: a private key in PEM where it is one.
    std::vector<std::string> redirect_uris;  ///< Compared as text.
};

/// What the check needs to know beside the request.
struct ClientCheck {
    const Behaviour& behaviour;
    const Registration& client;
    Instant now;
};

/// Empty when the proof is as it must be; else what is wrong with it.
std::string problem_with_client(const ClientCheck& check, ClientProof wanted,
                                const http::Request& request, const http::Parameters& parameters);

}  // namespace cardea::emulator
