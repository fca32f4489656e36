// A migrated database for a test, in memory, gone with the object.
#pragma once

#include <stdexcept>

#include "cardea/db/sqlite/sqlite.hpp"
#include "tests/support/run.hpp"

namespace cardea {

/// Runs Tasks on its own io_context: `TestDatabase database; database.run(store.add(*database,
/// …))`.
class TestDatabase {
  public:
    explicit TestDatabase(const Clock* clock = nullptr) {
        db::sqlite::Options options;
        options.clock = clock;
        auto opened = db::sqlite::open_in_memory(io.get_executor(), db::migrations(), options);
        if (!opened) throw std::runtime_error(opened.error().describe());
        database_ = std::move(*opened);
    }
    db::Database& operator*() { return *database_; }
    db::Database* operator->() { return database_.get(); }
    template <class T>
    Result<T> run(Task<T> task) {
        return cardea::run(io, std::move(task));
    }

    asio::io_context io{1};

  private:
    std::unique_ptr<db::Database> database_;
};

}  // namespace cardea
