// Building a filter file from a list of leaked passwords.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "cardea/password/policy/filter_format.hpp"
#include "cardea/password/policy/password_list.hpp"

namespace cardea::password {

/// The filter cannot be written; the detail says why.
inline constexpr Reason filter_unwritable{Code::invalid, "password.filter_unwritable",
                                          "The filter of passwords cannot be written."};

struct FilterOptions {
    ListOptions list{};
    int bits_per_entry = 16;    ///< 4 to 32: the file's size against mistakes.
    std::uint64_t entries = 0;  ///< How many there are; 0 reads the list twice to count them.
};

struct BuiltFilter {
    FilterFacts facts;
    std::uint64_t skipped = 0;
};

/// What is being done: counting (when the number is not known) comes before writing.
struct FilterProgress {
    enum class Step { counting, writing } step = Step::counting;
    ListProgress list{};
};

/// Streams the list into a new file, which takes the place of `path` when it is whole: a running
/// server keeps the one that it has open. Memory stays bounded; a list in the order of its hashes
/// is written from the beginning to the end, others want the filter to fit into the page cache.
/// Fails with `list_unreadable` and `filter_unwritable`, and then leaves nothing behind.
Result<BuiltFilter> build_filter(const std::string& list, const std::string& path,
                                 const FilterOptions& options,
                                 const std::function<void(const FilterProgress&)>& progress = {});

}  // namespace cardea::password
