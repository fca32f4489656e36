// Comparison whose time does not depend on where the first difference is.
#pragma once

#include <string_view>

#include "cardea/base/bytes.hpp"

namespace cardea {

/// Constant time for equal lengths; lengths themselves are not secret.
bool constant_time_equal(ByteView a, ByteView b) noexcept;
inline bool constant_time_equal(std::string_view a, std::string_view b) noexcept {
    return constant_time_equal(as_bytes(a), as_bytes(b));
}

}  // namespace cardea
