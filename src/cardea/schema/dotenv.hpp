// The `.env` reader: what npm's dotenv and python-dotenv both read alike is read so.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cardea::schema {

/// What stands on one line. Where the two readers differ, this one does the following:
/// - `#` begins a comment only at the start of a line, after white space or behind a closing quote:
/// `a=b#c` is
///   `b#c`.
/// - `\n \r \t \" \\` count within double quotes, `\' \\` within single quotes; any other backslash
/// stays.
/// - Backticks are ordinary characters, `name: value` and a name in quotes are not read.
/// - A byte order mark is skipped; CR, LF and CRLF end a line.
/// - A line that is neither empty, a comment nor `name=value` is a problem, never skipped silently.
struct DotenvEntry {
    std::string name;
    std::string value;
    std::size_t line;
    bool operator==(const DotenvEntry&) const = default;
};

struct DotenvProblem {
    std::size_t line;
    std::string text;  ///< What is wrong; never the value, which may be a secret.
};

struct Dotenv {
    std::vector<DotenvEntry> entries;  ///< In order; the last of a name counts.
    std::vector<DotenvProblem> problems;
};

/// What a name in `${name}` stands for when no earlier line says so.
using DotenvLookup = std::function<std::optional<std::string>(std::string_view name)>;

/// Reads the text as it stands; `${name}` stays.
Dotenv read_dotenv(std::string_view text);
/// Replaces `${name}` and `${name:-otherwise}` outside single quotes: first asks `lookup` (the
/// process environment wins), then earlier lines. `\$` is a dollar sign. A name that nobody knows
/// is a problem.
Dotenv read_dotenv(std::string_view text, const DotenvLookup& lookup);

}  // namespace cardea::schema
