// phpass's portable hashes, `$P$` (WordPress) and `$H$` (phpBB): MD5, salted and repeated.
#pragma once

#include "cardea/password/formats/format.hpp"

namespace cardea::password::formats {

Result<Reading> read_phpass(std::string_view text);

}  // namespace cardea::password::formats
