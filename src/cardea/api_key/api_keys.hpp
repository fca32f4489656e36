// API keys: what programs call with, and what each may do.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cardea/api_key/scopes.hpp"
#include "cardea/base/clock.hpp"
#include "cardea/crypto/random.hpp"
#include "cardea/db/database.hpp"
#include "cardea/runtime/task_group.hpp"

namespace cardea::api_key {

/// Removed, or never was.
inline constexpr Reason unknown{Code::unauthenticated, "api_key.unknown",
                                "This API key is not valid."};
inline constexpr Reason expired{Code::unauthenticated, "api_key.expired",
                                "This API key has expired. Ask an administrator for a new one."};
inline constexpr Reason scope_missing{Code::forbidden, "api_key.scope_missing",
                                      "This API key does not have the scope that this needs."};
/// Named by an id that no key has.
inline constexpr Reason missing{Code::not_found, "api_key.missing", "There is no such API key."};
inline constexpr Reason name_malformed{Code::invalid, "api_key.name_malformed",
                                       "A key's name has 1 to 100 characters and no controls."};
inline constexpr Reason ends_in_the_past{Code::invalid, "api_key.ends_in_the_past",
                                         "expires_at must be in the future."};

struct ApiKey {
    std::string id;  ///< UUIDv7; the API shows `key_…`.
    std::string name;
    Scopes scopes;
    std::string created_by;  ///< An account's id, or `cli`.
    Instant created_at;
    std::optional<Instant> expires_at;
    std::optional<Instant> last_used_at;
};

struct NewApiKey {
    std::string name;
    Scopes scopes;
    std::string created_by;
    std::optional<Instant> expires_at;
};

/// A key just made. Its text is shown once; only its SHA-256 is stored.
struct Created {
    ApiKey key;
    SecretText token;
};

struct Page {
    std::vector<ApiKey> items;
    std::optional<std::string> next_cursor;
};

/// Fails with `scope_missing`; the detail names it. A scope implies no other.
Result<void> demand_scope(const ApiKey& key, std::string_view scope);

/// The table `api_keys`.
class ApiKeys {
  public:
    static constexpr std::string_view token_prefix = "cak";

    ApiKeys(db::Database& database, const Clock& clock, crypto::Random& random,
            runtime::TaskGroup& background);

    /// Fails with `name_malformed` or `ends_in_the_past`.
    Task<Created> create(db::Executor& executor, NewApiKey key);
    /// Fails with `unknown` or `expired`. That it was used is stored at most once a minute, in the
    /// background.
    Task<ApiKey> find(SecretText token);
    /// Oldest first. `limit` is 1 to 200.
    Task<Page> list(db::Executor& executor, std::string cursor, int limit);
    /// Fails with `missing`. The key is refused from then on.
    Task<void> remove(db::Executor& executor, std::string id);

  private:
    void note_use(const ApiKey& key);
    Task<void> store_use(std::string id, Instant at);

    db::Database& database_;
    const Clock& clock_;
    crypto::Random& random_;
    runtime::TaskGroup& background_;
    std::set<std::string> noting_;
};

}  // namespace cardea::api_key
