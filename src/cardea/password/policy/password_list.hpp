// Reading lists of leaked passwords a piece at a time: lines of SHA-1, or plain lines.
#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <functional>
#include <string>

#include "cardea/base/error.hpp"
#include "cardea/crypto/hash.hpp"

namespace cardea::password {

/// The list cannot be read, or a line of it is no SHA-1; the detail names the line.
inline constexpr Reason list_unreadable{Code::invalid, "password.list_unreadable",
                                        "The list of passwords cannot be read."};

enum class Lines {
    detect,  ///< As the first line is: 40 hex digits, alone or before a colon, make it `sha1`.
    sha1,    ///< `HASH` or `HASH:count`, as Have I Been Pwned publishes them; any case of letters.
    plain,   ///< Passwords. Their normal form C is taken, as a typed one's.
};
BOOST_DESCRIBE_ENUM(Lines, detect, sha1, plain)

struct ListOptions {
    Lines lines = Lines::detect;
    std::uint64_t at_least =
        1;  ///< Of `HASH:count` lines, those with a smaller count are left out.
};

struct ListProgress {
    std::uint64_t entries = 0;
    std::uint64_t skipped = 0;  ///< Too rare, empty, not UTF-8, or longer than any password may be.
    std::uint64_t bytes = 0;
};

/// Calls `entry` for each key of a file, `-` being standard input, and `progress` about once a
/// megabyte. Reads in pieces: memory does not grow with the list. Fails with `list_unreadable`.
Result<ListProgress> read_list(const std::string& path, const ListOptions& options,
                               const std::function<void(const crypto::Sha1&)>& entry,
                               const std::function<void(const ListProgress&)>& progress = {});

}  // namespace cardea::password
