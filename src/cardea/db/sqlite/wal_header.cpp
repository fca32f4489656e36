#include "cardea/db/sqlite/wal_header.hpp"

#include <sqlite3.h>

#include <atomic>

namespace cardea::db::sqlite {

namespace {

constexpr int region_size = 32768;
constexpr std::uint32_t known_format = 3007000;

/// SQLite's own mapping of the index: to open the file beside it would, on closing, drop the locks
/// of this process.
volatile std::uint32_t* shared_header(sqlite3* connection) {
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK) {
        return nullptr;
    }
    if (file == nullptr || file->pMethods == nullptr || file->pMethods->iVersion < 2) {
        return nullptr;
    }
    volatile void* memory = nullptr;
    if (file->pMethods->xShmMap(file, 0, region_size, 0, &memory) != SQLITE_OK) return nullptr;
    return static_cast<volatile std::uint32_t*>(memory);
}

}  // namespace

std::optional<WalHeader> wal_header(sqlite3* connection) {
    auto* shared = shared_header(connection);
    if (shared == nullptr) return std::nullopt;
    std::atomic_thread_fence(std::memory_order_acquire);
    WalHeader header;
    for (std::size_t i = 0; i < header.size(); ++i) header[i] = shared[i];
    if (header[0] != known_format) return std::nullopt;
    return header;
}

}  // namespace cardea::db::sqlite
