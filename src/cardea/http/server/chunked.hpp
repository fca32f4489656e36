// The chunked transfer coding, decoded strictly (RFC 9112 section 7.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "cardea/base/error.hpp"

namespace cardea::http {

/// Takes bytes as they come. Extensions are checked for their grammar and ignored; trailers are
/// checked and dropped.
class ChunkedDecoder {
  public:
    /// `limit`: bytes of the decoded body.
    explicit ChunkedDecoder(std::size_t limit) : limit_(limit) {}

    /// Takes what it can use from the front of `input` and appends the data in it to `body`.
    /// Fails with `request.malformed` or `request.too_large`.
    Result<void> take(std::string_view& input, std::string& body);
    bool is_done() const { return state_ == State::done; }

  private:
    enum class State { size, data, data_end, trailer, done };

    Result<void> take_line_state(std::string_view line);
    Result<void> read_size(std::string_view line);

    std::size_t limit_;
    State state_ = State::size;
    std::string line_;            // an unfinished size or trailer line
    std::size_t line_bytes_ = 0;  // of all lines, so that they cannot go on for ever
    std::uint64_t left_ = 0;
    std::size_t decoded_ = 0;
};

}  // namespace cardea::http
