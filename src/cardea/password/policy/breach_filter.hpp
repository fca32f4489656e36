// BreachFilter: answers from a file whether a password is in a list of leaked ones.
#pragma once

#include <memory>
#include <string>

#include "cardea/password/policy/filter_format.hpp"

namespace cardea::password {

/// The file cannot be read any more. Whoever chooses a password has to come back.
inline constexpr Reason filter_unreadable{
    Code::unavailable, "password.filter_unreadable",
    "The list of leaked passwords cannot be read. Try again in a moment."};

/// An open filter file: one 64-byte read a question, nothing of it kept in memory. Read and not
/// mapped, because a mapped file that somebody cuts short kills the process that looks at it.
/// Several threads may ask; copies share the file.
class BreachFilter {
  public:
    /// Checks the header and the file's size, not the whole content. Fails with `filter_malformed`
    /// and with `filter_unreadable`.
    static Result<BreachFilter> open(const std::string& path);

    /// Never false for what is in the list; true by mistake as often as false_positive_rate() says.
    /// Fails with `filter_unreadable`.
    Result<bool> contains(const crypto::Sha1& key) const;
    /// Reads everything and compares it with the header's sum: `filter_malformed` when a bit
    /// differs.
    Result<void> verify() const;
    const FilterFacts& facts() const { return facts_; }

    BreachFilter() = default;

  private:
    struct File;
    BreachFilter(std::shared_ptr<const File> file, FilterFacts facts)
        : file_(std::move(file)), facts_(facts) {}

    std::shared_ptr<const File> file_;
    FilterFacts facts_;
};

/// The key of a password: SHA-1 over its text, as lists of leaked passwords have it.
crypto::Sha1 breach_key_of(std::string_view password);

}  // namespace cardea::password
