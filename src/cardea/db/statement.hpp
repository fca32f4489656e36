// A named SQL text, the same for every engine.
#pragma once

#include <string_view>

namespace cardea::db {

/// Where a read runs. A lookup goes by a key and gives few rows: on SQLite it is answered at once
/// on the calling thread. A scan may take long and goes to a reader thread.
enum class Cost { scan, lookup };

/// Declared as constants at the top of a store. `$1, $2, …` are the values, in any order, any
/// number of times; the text uses only what both engines understand (ARCHITECTURE.md, "One SQL for
/// two engines"). The name shows up in logs and metrics.
struct Statement {
    std::string_view name;  ///< `account.find_by_email`
    std::string_view text;
    Cost cost = Cost::scan;

    /// Whether the statement only reads; by its first word, so that it is known without a database.
    constexpr bool reads() const { return text.starts_with("SELECT"); }
};

}  // namespace cardea::db
