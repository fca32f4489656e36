// An account as the rest of the system sees it. Its password hash is not part of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cardea/account/email.hpp"
#include "cardea/account/name.hpp"
#include "cardea/account/roles.hpp"
#include "cardea/base/clock.hpp"
#include "cardea/base/secret.hpp"

namespace cardea::account {

struct Account {
    std::string id;                    ///< UUIDv7; the API shows `acc_…`.
    std::optional<std::string> email;  ///< None when the provider gave none.
    bool email_verified = false;
    /// Proven by whoever gives the address out, or by an administrator: only such an account is
    /// found by its address. A provider that merely says `verified` may be wrong, or lie.
    bool email_authoritative = false;
    std::string name;     ///< May be empty.
    std::string picture;  ///< A URL, or empty.
    bool has_password = false;
    Roles roles;
    std::optional<Instant> invited_at;  ///< Set while an invitation waits to be claimed.
    std::optional<Instant> disabled_at;
    Instant created_at;
    Instant updated_at;

    bool is_disabled() const { return disabled_at.has_value(); }
    bool is_invitation() const { return invited_at.has_value(); }
};

/// An account with what proves it; fetched only where a password is checked.
struct Credential {
    Account account;
    std::optional<SecretText> password_hash;
};

/// What a new account starts with.
struct NewAccount {
    std::optional<Email> email;
    bool email_verified = false;
    bool email_authoritative = false;  ///< Only together with email_verified.
    std::string name;
    std::string picture;
    std::optional<SecretText> password_hash;
    Roles roles;
    /// When the account was made elsewhere; now when not set.
    std::optional<Instant> created_at;
    /// Made by an administrator for somebody who will claim it by signing up.
    bool invitation = false;
};

/// How an address was proven: by somebody who says so, or by whoever gives it out.
enum class AddressProof { claimed, authoritative };

/// What the owner may change; what is not set stays. A new address is unproven.
struct Changes {
    std::optional<std::string> name;
    std::optional<std::string> picture;
    std::optional<Email> email;
};

struct Filter {
    std::optional<Email> email;
};

/// `next_cursor` asks for what follows; none on the last page.
struct Page {
    std::vector<Account> items;
    std::optional<std::string> next_cursor;
};

/// Stored password hashes; `next_cursor` asks for what follows, none after the last.
struct HashPage {
    std::vector<SecretText> hashes;
    std::optional<std::string> next_cursor;
};

}  // namespace cardea::account
