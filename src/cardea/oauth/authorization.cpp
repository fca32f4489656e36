// Building the authorization request, and the text form of what is pending.
#include "cardea/oauth/authorization.hpp"

#include <array>

#include "cardea/base/encoding.hpp"
#include "cardea/base/text.hpp"
#include "cardea/base/wipe.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/http/parameters.hpp"
#include "cardea/oauth/members.hpp"
#include "cardea/oauth/template.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::oauth {

namespace {

constexpr std::size_t uuid_length = 36;
constexpr std::string_view plus = "+";

/// What nobody may guess. Drawn at once: a draw takes as long for one as for all.
class Drawn {
  public:
    explicit Drawn(crypto::Random& random) { random.fill(bytes_); }
    ~Drawn() { wipe(bytes_.data(), bytes_.size()); }
    Drawn(const Drawn&) = delete;
    Drawn& operator=(const Drawn&) = delete;

    /// The form of a UUID around 128 random bits: a version 4 UUID has only 122.
    std::string state() const {
        std::string hex = to_hex(ByteView(bytes_).first(16));
        for (std::size_t dash : {8, 13, 18, 23}) hex.insert(dash, 1, '-');
        return hex;
    }
    std::string nonce() const { return to_base64url(ByteView(bytes_).subspan(16, 32)); }
    std::string code_verifier() const { return to_base64url(ByteView(bytes_).last(32)); }

  private:
    std::array<std::byte, 16 + 32 + 32> bytes_{};
};

bool sends_challenge(Pkce pkce) {
    return pkce != Pkce::forbidden && pkce != Pkce::app_setting;
}

std::string challenge_of(const Provider& provider, const SecretText& verifier) {
    if (provider.pkce_encoding == PkceEncoding::hex)
        return to_hex(crypto::sha256(verifier.reveal()));
    return code_challenge(verifier.reveal());
}

bool has_bare_scope(const Provider& provider) {
    return !provider.scopes.empty() && provider.scope_separator == plus;
}

/// A plus sign between scopes would be escaped like any other character, and some want it bare.
std::string bare_scope(const Provider& provider) {
    if (!has_bare_scope(provider)) return {};
    std::vector<std::string> encoded;
    encoded.reserve(provider.scopes.size());
    for (const auto& scope : provider.scopes) encoded.push_back(http::percent_encode(scope));
    return "&scope=" + join(encoded, plus);
}

std::string url_with(const Provider& provider, const http::Parameters& parameters) {
    std::string url = with_query(provider.authorization_endpoint, parameters);
    url += bare_scope(provider);
    if (!provider.authorization_url_fragment.empty())
        url += '#' + provider.authorization_url_fragment;
    return url;
}

http::Parameters parameters_of(const Provider& provider, const Pending& pending, std::string state,
                               Texts extra) {
    constexpr std::size_t own_parameters = 9;
    http::Parameters parameters;
    parameters.reserve(own_parameters + extra.size());
    if (!provider.response_type.empty()) parameters.add("response_type", provider.response_type);
    parameters.add(provider.client_id_param, provider.client_id);
    parameters.add("redirect_uri", pending.redirect_uri);
    if (!provider.scopes.empty() && provider.scope_separator != plus)
        parameters.add("scope", join(provider.scopes, provider.scope_separator));
    parameters.add("state", std::move(state));
    if (!pending.nonce.empty()) parameters.add("nonce", pending.nonce);
    if (!pending.code_verifier.empty()) {
        parameters.add("code_challenge", challenge_of(provider, pending.code_verifier));
        parameters.add("code_challenge_method", "S256");
    }
    if (provider.response_mode == ResponseMode::form_post)
        parameters.add("response_mode", "form_post");
    for (const auto& [name, value] : fill_request(provider, std::move(extra), {}))
        parameters.add(name, value);
    return parameters;
}

/// Pending as it is stored: the verifier in the clear, because the whole text is sealed.
struct StoredPending {
    std::string state_hash;
    std::string provider;
    std::string issuer;
    std::string redirect_uri;
    std::string return_to;
    std::string transport;
    std::string nonce;
    std::string code_verifier;
    std::optional<std::string> dpop_key;
    Instant expires_at{};
};
DESCRIBED(StoredPending, (state_hash, "As in Pending."), (provider, "As in Pending."),
          (issuer, "As in Pending."), (redirect_uri, "As in Pending."),
          (return_to, "As in Pending."), (transport, "As in Pending."), (nonce, "As in Pending."),
          (code_verifier, "As in Pending."), (dpop_key, "As in Pending."),
          (expires_at, "As in Pending."))

}  // namespace

Authorization begin(const Provider& provider, Beginning beginning, crypto::Random& random,
                    Instant now) {
    const Drawn drawn(random);
    std::string state = drawn.state() + ':' + provider.name;
    Pending pending;
    pending.state_hash = state_hash(state);
    pending.provider = provider.name;
    pending.issuer = provider.issuer;
    pending.redirect_uri = std::move(beginning.redirect_uri);
    pending.return_to = std::move(beginning.return_to);
    pending.transport = std::move(beginning.transport);
    if (wants_id_token(provider) && provider.nonce == Nonce::supported)
        pending.nonce = drawn.nonce();
    if (sends_challenge(provider.pkce)) pending.code_verifier = SecretText(drawn.code_verifier());
    pending.expires_at = now + pending_lifetime;
    Texts extra = provider.authorization_params;
    fill_random(extra, random);
    auto parameters = parameters_of(provider, pending, std::move(state), std::move(extra));
    auto url = url_with(provider, parameters);
    // A bare plus sign is a space to whoever reads the URL.
    if (has_bare_scope(provider)) parameters.add("scope", join(provider.scopes, " "));
    return {std::move(url), std::move(pending), std::move(parameters)};
}

std::string state_hash(std::string_view state) {
    return to_hex(crypto::sha256(state));
}

std::string_view provider_of_state(std::string_view state) {
    if (state.size() <= uuid_length + 1 || state[uuid_length] != ':') return {};
    auto name = state.substr(uuid_length + 1);
    return is_provider_name(name) ? name : std::string_view();
}

std::string code_challenge(std::string_view code_verifier) {
    return to_base64url(crypto::sha256(code_verifier));
}

SecretText write(const Pending& pending) {
    StoredPending stored{
        pending.state_hash, pending.provider,  pending.issuer, pending.redirect_uri,
        pending.return_to,  pending.transport, pending.nonce,  pending.code_verifier.reveal(),
        std::nullopt,       pending.expires_at};
    if (pending.dpop_key) stored.dpop_key = pending.dpop_key->reveal();
    SecretText text(schema::write_json(stored));
    wipe(stored.code_verifier);
    if (stored.dpop_key) wipe(*stored.dpop_key);
    return text;
}

Result<Pending> read_pending(std::string_view text) {
    auto stored = schema::read_json<StoredPending>(text);
    if (!stored) return fail(internal, stored.error());
    Pending pending;
    pending.state_hash = std::move(stored->state_hash);
    pending.provider = std::move(stored->provider);
    pending.issuer = std::move(stored->issuer);
    pending.redirect_uri = std::move(stored->redirect_uri);
    pending.return_to = std::move(stored->return_to);
    pending.transport = std::move(stored->transport);
    pending.nonce = std::move(stored->nonce);
    pending.code_verifier = SecretText(std::move(stored->code_verifier));
    if (stored->dpop_key) pending.dpop_key = SecretText(std::move(*stored->dpop_key));
    pending.expires_at = stored->expires_at;
    return pending;
}

}  // namespace cardea::oauth
