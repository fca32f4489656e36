// Person: a row of an import as the account that it becomes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cardea/account/account.hpp"
#include "cardea/password/formats/firebase.hpp"
#include "cardea/password/settings.hpp"
#include "cardea/sign_in/importing/rows.hpp"

namespace cardea::sign_in::importing {

/// A value is not what its column holds; the detail names the column.
inline constexpr Reason value_malformed{Code::invalid, "import.value_malformed",
                                        "A value is not what its column holds."};

struct Person {
    account::NewAccount account;
    std::string hash_format;  ///< As the registry names it; empty without a password.
    std::string external_id;
};

/// The columns that a file may have: email (needed), email_verified, name, password_hash,
/// password_salt (Firebase's), created_at, external_id.
std::vector<std::string> columns();

struct Reading {
    password::Settings passwords;
    /// With it, password_hash and password_salt are Firebase's.
    std::optional<password::formats::FirebaseProject> firebase;
    Instant now;
};

/// Fails with `account.email_malformed`; with `password.malformed_hash`,
/// `password.unsupported_hash` or `password.cost_refused` for a hash that would never be checked;
/// with `value_malformed`. A name is made fit to be shown as a provider's is. Computes no hash.
Result<Person> read_person(Values values, const Reading& reading);

}  // namespace cardea::sign_in::importing
