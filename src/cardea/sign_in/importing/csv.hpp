// Csv: the records of a text with comma-separated values (RFC 4180), one after the other.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "cardea/base/error.hpp"

namespace cardea::sign_in::importing {

/// A row that cannot be read at all; the detail says why.
inline constexpr Reason row_malformed{Code::invalid, "import.row_malformed",
                                      "This line is not as it should be."};

/// Bytes of one record, or one line of JSON; nobody's account is longer.
inline constexpr std::size_t longest_row = 64 * 1024;

/// The characters of a file, with the line that they stand on. Keeps nothing.
class Characters {
  public:
    explicit Characters(std::istream& stream) : buffer_(*stream.rdbuf()) {}

    /// Nothing at the end.
    std::optional<char> take();
    std::optional<char> peek() const;
    /// To the next line.
    void skip_line();
    /// The rest of the line without its end; only its first `longest_row` bytes are kept.
    std::string take_line();

    std::size_t line() const { return line_; }
    std::uint64_t bytes() const { return bytes_; }

  private:
    std::streambuf& buffer_;
    std::size_t line_ = 1;
    std::uint64_t bytes_ = 0;
};

using CsvRecord = std::vector<std::string>;

/// The next record, which may go over several lines where quotes say so. Strict: a quote inside a
/// bare value, or anything between a closing quote and the comma, is `row_malformed`, and reading
/// goes on with the next line. Not to be called at the end.
Result<CsvRecord> take_csv_record(Characters& from);

}  // namespace cardea::sign_in::importing
