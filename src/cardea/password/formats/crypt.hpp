// The hashes of crypt(3) that libxcrypt computes: MD5-crypt `$1$`, SHA-crypt `$5$` and `$6$`,
// yescrypt `$y$`.
#pragma once

#include "cardea/password/formats/format.hpp"

namespace cardea::password::formats {

Result<Reading> read_crypt(std::string_view text);

}  // namespace cardea::password::formats
