// The path of a request, brought to its one form before anybody decides by it.
#pragma once

#include <string>
#include <string_view>

#include "cardea/base/error.hpp"

namespace cardea::http {

inline constexpr Reason path_malformed{Code::invalid, "request.path",
                                       "The path of this address is not well formed."};

/// Decodes the path once. Whatever two programs may read differently is refused: dot segments
/// (also encoded, also with `;`), encoded slashes and backslashes, control characters, text that is
/// not UTF-8 (over-long forms are not), bad escapes. What is left over is compared as it stands: an
/// empty segment, a `;`, another case or a trailing dot make another path, which nobody answers to.
Result<std::string> normalise_path(std::string_view raw);

}  // namespace cardea::http
