// The file descriptor behind the log: takes whole lines, never raises a signal, never waits long.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "cardea/base/error.hpp"

namespace cardea::log {

class Output {
  public:
    /// Standard error.
    Output() = default;
    /// Appends to a file, made with mode 0600.
    static Result<Output> to_file(const std::string& path);
    Output(Output&& other) noexcept;
    Output& operator=(Output&& other) noexcept;
    ~Output();

    /// Writes lines; returns how many of them were lost. A pipe whose reader sleeps is given a
    /// fifth of a second.
    std::size_t write(std::string_view lines);

  private:
    explicit Output(int descriptor);
    /// Bytes that the other end takes without making us wait; 0 when it takes none.
    std::size_t room() const;
    std::size_t write_some(std::string_view text);

    int descriptor_ = 2;
    bool is_file_ = false;
    bool mid_line_ = false;  // the last write ended inside a line
};

}  // namespace cardea::log
