// Keys derived from SECRET_KEY, and the envelope of docs/formats/sealed.md.
#include "cardea/crypto/keyring.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cardea/base/encoding.hpp"
#include "cardea/base/text.hpp"
#include "cardea/crypto/aes_gcm.hpp"

namespace cardea::crypto {
namespace {

constexpr std::byte version{1};
constexpr std::size_t id_size = 4;
constexpr std::size_t wrapped_size = gcm_key_size + gcm_tag_size;
constexpr std::size_t head_size = 1 + id_size + gcm_nonce_size + wrapped_size + gcm_nonce_size;

constexpr std::string_view salt = "cardea keyring 1";
constexpr SealContext check_context{"keyring", "check_value", ""};
constexpr std::string_view check_text = "cardea";

struct SealKey {
    Bytes id;
    SecretBytes key;
};

SecretBytes derive_from(ByteView secret, std::string_view purpose, std::size_t size) {
    return SecretBytes(hkdf_sha256(secret, as_bytes(salt), as_bytes(purpose), size));
}

void append(Bytes& to, ByteView bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

// A length before each part: ("ab", "c") and ("a", "bc") must not read alike.
void append_counted(Bytes& to, std::string_view text) {
    for (int shift = 24; shift >= 0; shift -= 8) to.push_back(std::byte(text.size() >> shift));
    append(to, as_bytes(text));
}

enum class Layer : char { key = 'k', data = 'd' };

// The data's own associated data leaves the key id out, so that a new key can wrap an old data key.
Bytes associated_data(Layer layer, ByteView id, const SealContext& context) {
    Bytes aad{version, std::byte(layer)};
    if (layer == Layer::key) append(aad, id);
    append_counted(aad, context.table);
    append_counted(aad, context.column);
    append_counted(aad, context.row);
    return aad;
}

/// An envelope taken apart; views into it.
struct Envelope {
    ByteView id;
    ByteView key_nonce;
    ByteView wrapped;
    ByteView data_nonce;
    ByteView text;
};

std::optional<Envelope> read_envelope(ByteView sealed) {
    if (sealed.size() < head_size + gcm_tag_size || sealed[0] != version) return std::nullopt;
    auto take = [rest = sealed.subspan(1)](std::size_t size) mutable {
        auto part = rest.first(size);
        rest = rest.subspan(size);
        return part;
    };
    Envelope envelope;
    envelope.id = take(id_size);
    envelope.key_nonce = take(gcm_nonce_size);
    envelope.wrapped = take(wrapped_size);
    envelope.data_nonce = take(gcm_nonce_size);
    envelope.text = sealed.subspan(head_size);
    return envelope;
}

std::optional<SecretBytes> open_with(const SealKey& key, const SealContext& context,
                                     const Envelope& envelope) {
    const auto key_aad = associated_data(Layer::key, key.id, context);
    auto data_key = gcm_decrypt({key.key.reveal(), envelope.key_nonce, key_aad}, envelope.wrapped);
    if (!data_key) return std::nullopt;
    const auto data_aad = associated_data(Layer::data, {}, context);
    return gcm_decrypt({data_key->reveal(), envelope.data_nonce, data_aad}, envelope.text);
}

}  // namespace

struct Keyring::State {
    std::vector<SealKey> keys;  // the first seals, all open
    SecretBytes purposes;       // what derive() derives from
    Random* random;
};

Keyring::Keyring(std::unique_ptr<State> state) : state_(std::move(state)) {}
Keyring::Keyring(Keyring&&) noexcept = default;
Keyring& Keyring::operator=(Keyring&&) noexcept = default;
Keyring::~Keyring() = default;

Result<Keyring> Keyring::from_secrets(const std::vector<SecretText>& secrets, Random& random) {
    if (secrets.empty()) return fail(weak_key, "there is none");
    auto state = std::make_unique<State>();
    state->random = &random;
    for (const auto& secret : secrets) {
        const auto number = state->keys.size() + 1;
        if (auto why = weakness(secret.reveal())) {
            return fail(weak_key, fmt::format("secret {}: {}", number, *why));
        }
        const auto bytes = as_bytes(trim(secret.reveal()));
        const auto id = derive_from(bytes, "cardea/1/key id", id_size);
        state->keys.push_back({id.reveal(), derive_from(bytes, "cardea/1/seal", gcm_key_size)});
        if (number == 1) state->purposes = derive_from(bytes, "cardea/1/purposes", 32);
    }
    return Keyring(std::move(state));
}

Bytes Keyring::seal(const SealContext& context, ByteView plain) const {
    const auto& key = state_->keys.front();
    const SecretBytes drawn(state_->random->bytes(gcm_key_size + 2 * gcm_nonce_size));
    const ByteView random(drawn.reveal());
    const auto data_key = random.first(gcm_key_size);
    const auto key_nonce = random.subspan(gcm_key_size, gcm_nonce_size);
    const auto data_nonce = random.last(gcm_nonce_size);
    const auto key_aad = associated_data(Layer::key, key.id, context);
    const auto data_aad = associated_data(Layer::data, {}, context);

    Bytes sealed{version};
    sealed.reserve(head_size + plain.size() + gcm_tag_size);
    append(sealed, key.id);
    append(sealed, key_nonce);
    append(sealed, gcm_encrypt({key.key.reveal(), key_nonce, key_aad}, data_key));
    append(sealed, data_nonce);
    append(sealed, gcm_encrypt({data_key, data_nonce, data_aad}, plain));
    return sealed;
}

Result<SecretBytes> Keyring::open(const SealContext& context, ByteView sealed) const {
    const auto envelope = read_envelope(sealed);
    if (!envelope) return fail(not_opened, "not a sealed value of format 1");
    bool known = false;
    for (const auto& key : state_->keys) {
        if (!std::ranges::equal(key.id, envelope->id)) continue;
        known = true;
        if (auto plain = open_with(key, context, *envelope)) return std::move(*plain);
    }
    return fail(not_opened,
                fmt::format("{}.{}: key {} {}", context.table, context.column, to_hex(envelope->id),
                            known ? "does not open it" : "is not in the keyring"));
}

std::string Keyring::key_id() const {
    return to_hex(state_->keys.front().id);
}

SecretBytes Keyring::derive(std::string_view purpose) const {
    return derive_from(state_->purposes.reveal(), purpose, 32);
}

Bytes Keyring::check_value() const {
    return seal(check_context, as_bytes(check_text));
}

bool Keyring::accepts(ByteView check_value) const {
    return open(check_context, check_value).has_value();
}

}  // namespace cardea::crypto
