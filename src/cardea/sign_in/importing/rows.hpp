// Rows: the accounts in a file, CSV with a header or JSON lines, as named texts.
#pragma once

#include <istream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cardea/sign_in/importing/csv.hpp"

namespace cardea::sign_in::importing {

/// The file is neither CSV with a header that is understood nor JSON lines; the detail says why.
/// Nothing was imported.
inline constexpr Reason file_malformed{Code::invalid, "import.file_malformed",
                                       "This file cannot be imported."};

/// Texts by the names of their columns; empty ones are left out.
using Values = std::map<std::string, std::string, std::less<>>;

struct Row {
    std::size_t line = 0;  ///< The first of the row, from 1.
    Result<Values> values;
};

/// Reads one row at a time and keeps none. The stream must outlive it.
class Rows {
  public:
    /// JSON lines when the file begins with `{`, else CSV. Every column must be one of `columns`:
    /// a misspelt one would otherwise be ignored in silence. Fails with `file_malformed`.
    static Result<Rows> open(std::istream& stream, std::vector<std::string> columns);

    /// The next row that is not blank; none at the end.
    std::optional<Row> next();
    /// Read so far; for a progress bar.
    std::uint64_t bytes() const { return characters_.bytes(); }

  private:
    Rows(Characters characters, std::vector<std::string> columns)
        : characters_(characters), columns_(std::move(columns)) {}
    Result<void> read_header();
    Result<Values> take_csv();
    Result<Values> take_json();

    Characters characters_;
    std::vector<std::string> columns_;
    std::optional<CsvRecord> header_;  // none for JSON lines
};

}  // namespace cardea::sign_in::importing
