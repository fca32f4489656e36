// The keyring: keys derived from SECRET_KEY, and sealing with them.
#pragma once

#include <memory>
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

/// Seals and opens with AES-256-GCM: a fresh data key for each record, wrapped by the keyring's
/// first key; the key's id is in the envelope (docs/formats/sealed.md). Immutable: any thread.
class Keyring {
  public:
    /// `secrets`: the current SECRET_KEY first, then older ones that may still open. Each is at
    /// least 32 bytes of base64url or hex as `settings new-secret` writes it, or at least 32
    /// characters of text with enough variety. Keys are derived by HKDF; the text itself is not
    /// kept.
    static Result<Keyring> from_secrets(const std::vector<SecretText>& secrets, Random& random);

    Bytes seal(const SealContext& context, ByteView plain) const;
    /// Fails with `not_opened`; the detail names the key id, never content.
    Result<SecretBytes> open(const SealContext& context, ByteView sealed) const;
    /// First 8 hex digits of a digest of the key; says which key, tells nothing of it.
    std::string key_id() const;
    /// A key for another purpose (`cookie`, `decoy`, …), derived from the first secret.
    SecretBytes derive(std::string_view purpose) const;
    /// A token that only a keyring with the same first key accepts; stored to recognise a changed
    /// key at start.
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
