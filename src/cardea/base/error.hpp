// Errors as values: Reason, Error, Result<T>, and fail() to make them.
#pragma once

#include <boost/assert/source_location.hpp>
#include <chrono>
#include <concepts>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cardea {

/// What the caller should do about a refusal. Closed: `http::problem` has one row a code
/// (status, log level), so that a new code is a compiler warning there.
enum class Code {
    invalid,             ///< The request is malformed or breaks a rule: change it.
    unauthenticated,     ///< Prove who you are first.
    forbidden,           ///< Known, and still not allowed.
    not_found,           ///< There is no such thing, or none for this caller.
    method_not_allowed,  ///< The thing exists; this verb does not apply.
    request_timeout,     ///< The request did not arrive in time.
    conflict,            ///< The state of things forbids it: read again, then decide.
    gone,                ///< Existed once; used up or expired.
    too_large,           ///< The body is over its limit.
    unsupported_media,   ///< The body is of a type that is not read here.
    misdirected,         ///< This host is not served here.
    unprocessable,       ///< Well formed, yet it cannot be done as asked.
    too_many,            ///< Slow down; Error::retry_after() says how long.
    header_too_large,    ///< The header is over its limit.
    internal,            ///< A bug, or something that never happens. The log knows.
    not_implemented,     ///< A method that this server does not know.
    peer_failed,         ///< A peer (a provider) answered nonsense or refused.
    unavailable,         ///< Cannot be served now; trying later helps.
    peer_timeout,        ///< A peer (a provider) did not answer in time.
};

/// One way to refuse: a constant declared beside the function that refuses.
struct Reason {
    Code code;
    std::string_view slug;  ///< Stable API, such as `sign_in.credentials_wrong`.
    std::string_view text;  ///< Fit for a user: what happened and what to do.
};

/// A wrong field of a request or a setting. `field` is its path, such as `email` or `items.2.name`.
struct FieldError {
    std::string field;
    std::string reason;
    std::string text;
    bool operator==(const FieldError&) const = default;
};

/// The reason of values that were never set; seeing it is a bug.
inline constexpr Reason unset{Code::internal, "internal", "Something went wrong on our side."};
/// For what libraries throw and what never happens. The detail is for the log.
inline constexpr Reason internal{Code::internal, "internal", "Something went wrong on our side."};
/// A deadline above the work passed.
inline constexpr Reason deadline_passed{Code::unavailable, "deadline.passed",
                                        "This took too long. Try again in a moment."};

/// Why something was refused. Cheap to move and to copy. Detail is for the log only and carries no
/// secret.
class Error {
  public:
    Error() : Error(unset) {}
    explicit Error(const Reason& reason, std::string detail = {},
                   boost::source_location where = BOOST_CURRENT_LOCATION);
    /// Keeps the cause: its detail is appended to ours, with its slug.
    Error(const Reason& reason, const Error& cause,
          boost::source_location where = BOOST_CURRENT_LOCATION);

    const Reason& reason() const { return *reason_; }
    Code code() const { return reason_->code; }
    bool is(const Reason& reason) const { return reason_->slug == reason.slug; }
    /// For the log: what exactly, the chain of causes.
    const std::string& detail() const;
    boost::source_location where() const;
    const std::vector<FieldError>& fields() const;
    std::optional<std::chrono::seconds> retry_after() const;
    /// What a person quotes to an operator, who finds out more with it; mostly empty.
    const std::string& reference() const;
    /// The configured error code of the embed classes (84 by default); 0 where none was stamped.
    int status() const { return status_; }
    /// `slug: detail (file:line)`, one line for the log.
    std::string describe() const;

    Error&& with_fields(std::vector<FieldError> fields) &&;
    Error&& with_retry_after(std::chrono::seconds delay) &&;
    Error&& with_reference(std::string reference) &&;
    Error&& with_status(int status) &&;

  private:
    struct Extra;
    Extra& extra();  // our own copy, never one shared with another Error

    const Reason* reason_;
    std::shared_ptr<const Extra> extra_;
    int status_ = 0;
};

/// A value, or the Error that says why there is none. A class and not an alias, because no compiler
/// warns about a dropped `std::expected`. GCC 12 has no and_then/transform: write
/// `if (!x) return std::unexpected(x.error());`.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
  public:
    using Base = std::expected<T, Error>;
    using Base::Base;
    Result()
        requires std::default_initializable<T> || std::is_void_v<T>
    = default;
    /// Asio wants every coroutine result default-constructible; this one reads as a bug.
    Result()
        requires(!std::default_initializable<T> && !std::is_void_v<T>)
        : Base(std::unexpect, Error(unset)) {}
};

/// `return fail(reason);` and `return fail(reason, "detail for the log");`
inline std::unexpected<Error> fail(const Reason& reason, std::string detail = {},
                                   boost::source_location where = BOOST_CURRENT_LOCATION) {
    return std::unexpected<Error>(Error(reason, std::move(detail), where));
}
/// `return fail(mine, theirs.error());` keeps the cause for the log.
inline std::unexpected<Error> fail(const Reason& reason, const Error& cause,
                                   boost::source_location where = BOOST_CURRENT_LOCATION) {
    return std::unexpected<Error>(Error(reason, cause, where));
}

}  // namespace cardea
