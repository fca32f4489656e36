#include "cardea/db/sqlite/wal_header.hpp"

#include <sqlite3.h>

namespace cardea::db::sqlite {

namespace {

constexpr int region_size = 32768;
constexpr std::uint32_t known_format = 3007000;

/// In SQLite's own mapping of the index.
volatile std::uint32_t* shared_header(sqlite3* connection) {
    sqlite3_file* file = nullptr;
    auto asked = sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER,
                                      static_cast<void*>(&file));
    if (asked != SQLITE_OK) return nullptr;
    const auto* methods = file == nullptr ? nullptr : file->pMethods;
    if (methods == nullptr || methods->iVersion < 2 || methods->xShmMap == nullptr) return nullptr;
    volatile void* memory = nullptr;
    if (methods->xShmMap(file, 0, region_size, 0, &memory) != SQLITE_OK) return nullptr;
    return static_cast<volatile std::uint32_t*>(memory);
}

}  // namespace

std::optional<WalHeader> wal_header(sqlite3* connection) {
    auto* shared = shared_header(connection);
    if (shared == nullptr) return std::nullopt;
    WalHeader header;
    for (std::size_t i = 0; i < header.size(); ++i) {
        header[i] = __atomic_load_n(&shared[i], __ATOMIC_ACQUIRE);
    }
    if (header[0] != known_format) return std::nullopt;
    return header;
}

}  // namespace cardea::db::sqlite
