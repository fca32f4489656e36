#include "cardea/password/formats/foreign_time.hpp"

#include <algorithm>

namespace cardea::password::formats {

void ForeignTime::note(const std::string& kind, Microseconds spent, bool held_up) {
    constexpr std::size_t most_kinds = 256;  // kinds come from stored texts: bounded all the same
    std::lock_guard lock(mutex_);
    auto found = usual_.find(kind);
    if (found == usual_.end()) {
        if (usual_.size() < most_kinds) usual_.emplace(kind, std::min(spent, limit_));
        return;
    }
    auto& usual = found->second;
    if (held_up && spent > usual) return;
    usual = spent < usual ? spent : std::min(limit_, usual + (spent - usual) / 16);
}

Microseconds ForeignTime::longest() const {
    std::lock_guard lock(mutex_);
    Microseconds longest{0};
    for (const auto& [kind, usual] : usual_) longest = std::max(longest, usual);
    return longest;
}

}  // namespace cardea::password::formats
