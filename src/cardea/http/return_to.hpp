// Where a browser goes after a sign-in: the only thing that may stand in a redirect we were asked
// for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cardea/base/error.hpp"
#include "cardea/http/url.hpp"

namespace cardea::http {

inline constexpr Reason return_to_refused{
    Code::invalid, "return_to.refused",
    "The address to return to is not a page of this site or of one it trusts."};

/// A path on our own origin, or a URL on it or on one of the allowed origins; nothing that a
/// browser would resolve anywhere else (WHATWG URL). Made by parse() alone.
class ReturnTo {
  public:
    /// `/`
    ReturnTo() = default;
    /// Fails with `return_to.refused`. `origins` are own origin and `return_origins`; only their
    /// scheme, host and port count.
    static Result<ReturnTo> parse(std::string_view text, const std::vector<Url>& origins = {});

    /// Fit for a Location field.
    const std::string& text() const { return text_; }
    bool operator==(const ReturnTo&) const = default;

  private:
    explicit ReturnTo(std::string text) : text_(std::move(text)) {}
    std::string text_ = "/";
};

}  // namespace cardea::http
