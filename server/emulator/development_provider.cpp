#include "server/emulator/development_provider.hpp"

#include "cardea/base/encoding.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/http/gates.hpp"
#include "cardea/http/server/server.hpp"
#include "cardea/jose/jwk.hpp"
#include "cardea/runtime/coroutine.hpp"
#include "server/emulator/endpoints.hpp"

namespace cardea::emulator {
namespace {

SecretText derive(const SecretText& secret, std::string_view purpose) {
    auto key = crypto::hmac_sha256(as_bytes(secret.reveal()), as_bytes(purpose));
    return SecretText(to_base64url(key));
}

Result<std::unique_ptr<http::Server>> listen_on(const asio::any_io_executor& executor,
                                                std::uint16_t port, const http::Router& router,
                                                const Clock& clock) {
    http::ServerSettings settings;
    settings.port = port;
    auto server = std::make_unique<http::Server>(executor, settings, router, clock);
    auto listening = server->listen();
    if (!listening) return std::unexpected(listening.error());
    return server;
}

}  // namespace

struct DevelopmentProvider::State {
    http::Router router;
    std::unique_ptr<Endpoints> endpoints;
    std::unique_ptr<http::Server> server;
};

DevelopmentProvider::DevelopmentProvider(std::unique_ptr<State> state) : state_(std::move(state)) {}
DevelopmentProvider::~DevelopmentProvider() = default;

Result<std::unique_ptr<DevelopmentProvider>> DevelopmentProvider::start(
    const asio::any_io_executor& executor, const Clock& clock, crypto::Random& random,
    Options options) {
    auto state = std::make_unique<State>();
    auto server = listen_on(executor, options.port, state->router, clock);
    if (!server && options.port != 0) server = listen_on(executor, 0, state->router, clock);
    if (!server) return std::unexpected(server.error());
    state->server = std::move(*server);
    // A new key and a new name for it at each start: relying parties must fetch the key set again.
    auto key = jose::Key::generate(jose::Algorithm::ES256, to_base64url(random.bytes(9)));
    if (!key) return std::unexpected(key.error());
    if (options.secret.empty()) options.secret = SecretText(to_base64url(random.bytes(32)));
    auto issuer = "http://127.0.0.1:" + std::to_string(state->server->port());
    Client client{"cardea-development", derive(options.secret, "client secret"), {}};
    Grants grants({issuer, client.id, derive(options.secret, "tokens"), options.token_lifetime},
                  std::move(*key), clock, random);
    Person suggestion{std::move(options.email), std::move(options.name)};
    state->endpoints = std::make_unique<Endpoints>(issuer, std::move(client), std::move(suggestion),
                                                   std::move(grants));
    state->endpoints->add_to(state->router);
    http::add_generic_gates(state->router, http::Site(), http::GateSettings(), http::CorsSettings(),
                            random);
    return std::unique_ptr<DevelopmentProvider>(new DevelopmentProvider(std::move(state)));
}

const std::string& DevelopmentProvider::issuer() const {
    return state_->endpoints->issuer();
}
const std::string& DevelopmentProvider::client_id() const {
    return state_->endpoints->client().id;
}
const SecretText& DevelopmentProvider::client_secret() const {
    return state_->endpoints->client().secret;
}

void DevelopmentProvider::allow_redirect_uri(std::string uri) {
    state_->endpoints->allow_redirect_uri(std::move(uri));
}

Task<void> DevelopmentProvider::drain(Milliseconds limit) {
    return state_->server->drain(limit);
}

}  // namespace cardea::emulator
