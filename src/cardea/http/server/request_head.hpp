// The head of a request, read strictly: what two programs in a chain might read differently is
// refused (RFC 9112; request smuggling).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cardea/base/error.hpp"
#include "cardea/http/message.hpp"

namespace cardea::http {

inline constexpr Reason request_malformed{Code::invalid, "request.malformed",
                                          "This is not a well-formed HTTP request."};
inline constexpr Reason method_unknown{Code::not_implemented, "request.method_unknown",
                                       "This server does not know that method."};
inline constexpr Reason header_too_large{Code::header_too_large, "request.header_too_large",
                                         "The header of the request is too large."};
inline constexpr Reason body_too_large{Code::too_large, "request.too_large",
                                       "The body of the request is too large."};
inline constexpr Reason body_encoded{
    Code::unsupported_media, "request.content_encoding",
    "Request bodies are taken as they are, without a Content-Encoding."};

/// A request without its body, and how the body is framed.
struct RequestHead {
    enum class Body { none, length, chunked };

    Request request;
    Body body = Body::none;
    std::uint64_t content_length = 0;
    int minor_version = 1;
    bool keep_alive = true;
    bool expects_continue = false;
    bool has_content_encoding = false;
};

/// Looks for the end of a head in bytes that arrive little by little.
class HeadScanner {
  public:
    explicit HeadScanner(std::size_t limit) : limit_(limit) {}
    /// The length of the head including the empty line, nothing while it is incomplete, or
    /// `request.malformed` (a line that does not end in CR LF) or `request.header_too_large` as
    /// soon as that is certain. Called with all bytes since the start of the request.
    Result<std::optional<std::size_t>> scan(std::string_view bytes);

  private:
    std::size_t limit_;
    std::size_t line_ = 0;  // where the line under inspection starts
};

/// Reads a head that HeadScanner has found complete. An absolute-form target becomes origin-form
/// after comparison with Host.
Result<RequestHead> read_head(std::string_view head);

/// One `name: value` line without its CR LF; for heads and trailers.
Result<Headers::Field> read_field(std::string_view line);

}  // namespace cardea::http
