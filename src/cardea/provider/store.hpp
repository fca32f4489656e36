// The table oauth_providers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cardea/base/bytes.hpp"
#include "cardea/base/clock.hpp"
#include "cardea/db/database.hpp"
#include "cardea/runtime/task.hpp"

namespace cardea::provider {

/// One row, its secrets still sealed.
struct StoredProvider {
    std::string name;
    std::string config;  ///< A JSON object.
    std::optional<Bytes> client_secret;
    std::optional<Bytes> client_secret_previous;
    Instant created_at{};
    Instant updated_at{};
    bool operator==(const StoredProvider&) const = default;
};

class ProviderStore {
  public:
    Task<std::vector<StoredProvider>> list(db::Executor& executor);
    Task<std::optional<StoredProvider>> find(db::Executor& executor, std::string name);
    /// Fails with `db.conflict` when the name is taken.
    Task<void> insert(db::Executor& executor, StoredProvider row);
    /// False when there is no such row any more.
    Task<bool> update(db::Executor& executor, StoredProvider row);
    Task<bool> remove(db::Executor& executor, std::string name);
};

}  // namespace cardea::provider
