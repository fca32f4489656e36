// The data file as a file: who may read it, where it lies.
#pragma once

#include <string>

#include "cardea/base/error.hpp"

namespace cardea::db::sqlite {

/// Makes the file (and the last folder of its path) when it is missing, closes it to other users
/// (0600, as SQLite then makes its WAL and shared-memory files), and warns of what may go wrong.
Result<void> prepare_file(const std::string& path);

}  // namespace cardea::db::sqlite
