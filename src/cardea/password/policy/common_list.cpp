#include "cardea/password/policy/common_list.hpp"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>

#include "cardea/password/fold.hpp"

namespace cardea::password {

/// Written at build time from the lists in Debian's packages, see CMakeLists.txt.
std::span<const std::pair<std::string_view, std::string_view>> embedded_common_passwords();

namespace {

// 64 bits: among a hundred thousand lines, one password in 10^14 is refused by mistake.
std::uint64_t sum_of(std::string_view folded) {
    return std::hash<std::string_view>()(folded);
}

std::string_view without_line_end(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

}  // namespace

std::string_view built_in_common_passwords() {
    auto lists = embedded_common_passwords();
    return lists.empty() ? std::string_view() : lists.front().second;
}

void CommonList::add_lines(std::string_view text) const {
    while (!text.empty()) {
        auto end = std::min(text.find('\n'), text.size());
        auto folded = fold(without_line_end(text.substr(0, end)));
        if (!folded.empty()) sums_.push_back(sum_of(folded.reveal()));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void CommonList::build() const {
    add_lines(built_in_common_passwords());
    add_lines(more_);
    std::ranges::sort(sums_);
    auto repeated = std::ranges::unique(sums_);
    sums_.erase(repeated.begin(), repeated.end());
    sums_.shrink_to_fit();
    std::string().swap(more_);
}

bool CommonList::contains(std::string_view folded) const {
    std::call_once(built_, [this] { build(); });
    return std::ranges::binary_search(sums_, sum_of(folded));
}

std::size_t CommonList::size() const {
    std::call_once(built_, [this] { build(); });
    return sums_.size();
}

}  // namespace cardea::password
