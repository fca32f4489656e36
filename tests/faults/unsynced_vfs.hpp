// A disk that forgets on power loss what was not synced: a SQLite VFS over the usual one.
#pragma once

#include <string>

namespace cardea::faults {

/// What becomes of writes that were not synced.
enum class Unsynced {
    lost,       ///< None reached the disk.
    some_kept,  ///< A random half did: a disk writes in its own order.
};

/// Registers the VFS; its name goes into sqlite::Options::vfs. Reads and writes go to the real
/// files; beside them, what the disk would hold is kept in memory.
const char* register_unsynced_vfs();

/// Writes into `folder` the files as they would be found after the power failed now. Any thread.
void lose_power(const std::string& folder, Unsynced unsynced, unsigned seed = 1);

/// Forgets all files; between tests.
void forget_files();

}  // namespace cardea::faults
