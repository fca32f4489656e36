// CommonList: the passwords that everybody tries first.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace cardea::password {

/// A list of texts, one a line, compared without regard to case. Kept as eight bytes a line and
/// built at its first use, which takes some milliseconds. Several threads may ask at once.
class CommonList {
  public:
    /// The lists that were embedded when the program was built, and a text of one's own.
    explicit CommonList(std::string more = {}) : more_(std::move(more)) {}

    /// `folded` is what fold() made of the password; the whole of it is compared (NIST SP 800-63B-4
    /// section 3.1.1.2), not words within it.
    bool contains(std::string_view folded) const;
    std::size_t size() const;

  private:
    void build() const;
    void add_lines(std::string_view text) const;

    mutable std::once_flag built_;
    mutable std::string more_;
    mutable std::vector<std::uint64_t> sums_;
};

/// The text of the embedded list; empty in a build on a machine that had none.
std::string_view built_in_common_passwords();

}  // namespace cardea::password
