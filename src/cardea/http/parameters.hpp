// Percent-encoding, and the parameters of queries and forms (application/x-www-form-urlencoded).
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cardea/base/error.hpp"

namespace cardea::http {

inline constexpr Reason parameters_malformed{
    Code::invalid, "request.parameters",
    "The query or form is not well formed: every % needs two hex digits, and text must be UTF-8."};

/// Everything but RFC 3986's unreserved characters becomes %XX: fit for any part of a URL.
std::string percent_encode(std::string_view text);
/// The same, behind what is there already.
void append_encoded(std::string& out, std::string_view text);
/// Nothing when a % is not followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text);

/// Named values in order. A name may stand there twice: ask count() where that matters
/// (RFC 6749 section 3.1 says it must not).
class Parameters {
  public:
    using Parameter = std::pair<std::string, std::string>;
    /// More than these are refused; nobody needs them.
    static constexpr std::size_t limit = 256;

    Parameters() = default;
    Parameters(std::initializer_list<Parameter> list) : list_(list) {}
    /// Reads `a=1&b=two+words`, without a leading `?`. Strict: bad escapes, text that is not UTF-8
    /// and NULs are refused with `request.parameters`.
    static Result<Parameters> parse(std::string_view text);

    /// The first value of that name.
    std::optional<std::string_view> get(std::string_view name) const;
    /// The value of a name that stands there exactly once.
    std::optional<std::string_view> only(std::string_view name) const;
    std::size_t count(std::string_view name) const;
    void add(std::string name, std::string value);
    /// `a=1&b=two%20words`.
    std::string encode() const;
    /// encode(), behind what is there already.
    void append_to(std::string& out) const;
    /// Makes room for so many.
    void reserve(std::size_t count) { list_.reserve(count); }

    auto begin() const { return list_.begin(); }
    auto end() const { return list_.end(); }
    std::size_t size() const { return list_.size(); }

  private:
    std::vector<Parameter> list_;
};

}  // namespace cardea::http
