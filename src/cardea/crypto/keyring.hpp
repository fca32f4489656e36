// The keyring: keys derived from SECRET_KEY, and sealing with them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/base/secret.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/crypto/random.hpp"

namespace cardea::crypto {

/// The sealed value was changed, moved to another row, or sealed with a key that is not in the
/// keyring.
inline constexpr Reason not_opened{Code::internal, "crypto.not_opened",
                                   "A stored secret cannot be opened."};
/// The text given as SECRET_KEY is too weak or malformed.
inline constexpr Reason weak_key{
    Code::invalid, "crypto.weak_key",
    "SECRET_KEY is too weak: make one with `cardea settings new-secret`."};

/// What a ciphertext is bound to: it opens only for the same table, column and row.
struct SealContext {
    std::string_view table;
    std::string_view column;
    std::string_view row;
};

/// Why a text is too weak for SECRET_KEY, as half a sentence for the person who wrote it
/// ("it has 8 characters, and 32 are the least"); empty when it is strong enough. Names no content.
std::optional<std::string> weakness(std::string_view secret);
/// 32 random bytes in base64url, as `settings new-secret` prints them.
SecretText new_secret(Random& random);

/// Seals and opens with AES-256-GCM: a fresh data key for each record, wrapped by the keyring's
/// first key; the key's id is in the envelope (docs/formats/sealed.md). Immutable: any thread, when
/// the Random is (SystemRandom is).
class Keyring {
  public:
    /// `secrets`: the current SECRET_KEY first, then older ones that may still open. Space around
    /// them does not count. Fails with `weak_key`; the detail says which and why. Keys are derived
    /// by HKDF from the text's bytes, whatever encoding they are in; the text itself is not kept.
    /// `random` must outlive the keyring.
    static Result<Keyring> from_secrets(const std::vector<SecretText>& secrets, Random& random);

    Bytes seal(const SealContext& context, ByteView plain) const;
    /// Fails with `not_opened`; the detail names the key id, never content.
    Result<SecretBytes> open(const SealContext& context, ByteView sealed) const;
    /// Eight hex digits derived from the first key: says which key, tells nothing of it.
    std::string key_id() const;
    /// A key for another purpose (`cookie`, `decoy`, …), derived from the first secret.
    SecretBytes derive(std::string_view purpose) const;
    /// Stored to recognise a changed SECRET_KEY at start: only a keyring that holds the first key
    /// of this one, as its first or as an older one, accepts it.
    Bytes check_value() const;
    bool accepts(ByteView check_value) const;

    Keyring(Keyring&&) noexcept;
    Keyring& operator=(Keyring&&) noexcept;
    ~Keyring();

  private:
    struct State;
    explicit Keyring(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace cardea::crypto
