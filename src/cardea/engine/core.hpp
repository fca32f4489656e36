// Core: the database, the keyring and the records on them. What the command line works with, and
// what the server adds its flows to.
#pragma once

#include <memory>
#include <string>

#include "cardea/account/accounts.hpp"
#include "cardea/account/verifications.hpp"
#include "cardea/api_key/api_keys.hpp"
#include "cardea/audit/trail.hpp"
#include "cardea/crypto/keyring.hpp"
#include "cardea/db/sqlite/sqlite.hpp"
#include "cardea/engine/settings.hpp"
#include "cardea/http/client/client.hpp"
#include "cardea/password/policy/policy.hpp"
#include "cardea/provider/providers.hpp"
#include "cardea/runtime/task_group.hpp"
#include "cardea/session/sessions.hpp"
#include "cardea/vault/vault.hpp"

namespace cardea::engine {

/// SECRET_KEY is another one than what is stored was sealed with. Nothing was written.
inline constexpr Reason key_mismatch{
    Code::invalid, "engine.key_mismatch",
    "SECRET_KEY does not open what is stored. Put back the key that this database was made with."};
inline constexpr Reason database_unusable{Code::unavailable, "engine.database_unusable",
                                          "The database cannot be opened."};

struct CoreOptions {
    Mode mode = Mode::production;
    schema::Environment environment;
};

/// Owns its parts; they hold references to each other and are torn down in reverse. One I/O thread.
class Core {
  public:
    /// Opens the keyring, checks that it fits the database, migrates, opens: all of it before
    /// anything else runs, so it may block. What can never work fails here, with nothing written.
    static Task<std::unique_ptr<Core>> open(Settings settings, CoreOptions options);
    ~Core();
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    const Settings& settings() const;
    Mode mode() const;
    const Clock& clock() const;
    crypto::Random& random();
    const crypto::Keyring& keyring() const;
    db::Database& database();
    http::Client& client();
    runtime::TaskGroup& background();
    audit::Trail& trail();
    account::Accounts& accounts();
    account::Verifications& verifications();
    session::Sessions& sessions();
    api_key::ApiKeys& keys();
    provider::Providers& providers();
    vault::Vault& vault();
    const password::Policy& password_policy() const;

    /// Own origin without a slash at the end; of the listener in development mode without a
    /// public_url.
    std::string public_url() const;
    /// Waits for what runs in the background, cancels what takes longer than `limit`, and closes
    /// the database. The last thing to await.
    Task<void> close(Milliseconds limit);

  private:
    struct Parts;
    explicit Core(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

/// Options for the sqlite engine as the settings have them.
db::sqlite::Options sqlite_options(const Settings& settings);

}  // namespace cardea::engine
