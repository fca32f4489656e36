#include "cardea/account/roles.hpp"

#include <algorithm>

#include "cardea/base/text.hpp"

namespace cardea::account {
namespace {

constexpr std::size_t longest_role = 32;
constexpr std::size_t most_roles = 16;

bool is_role(std::string_view word) {
    auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return !word.empty() && word.size() <= longest_role && std::ranges::all_of(word, allowed);
}

}  // namespace

Result<Roles> Roles::parse(const std::vector<std::string>& words) {
    for (const auto& word : words) {
        if (!is_role(word)) return fail(role_malformed, word);
    }
    Roles roles;
    roles.words_ = words;
    std::ranges::sort(roles.words_);
    auto repeats = std::ranges::unique(roles.words_);
    roles.words_.erase(repeats.begin(), repeats.end());
    if (roles.words_.size() > most_roles) return fail(role_malformed, "more than 16 roles");
    return roles;
}

Roles Roles::from_column(const db::Value& value) {
    Roles roles;
    auto text = value.as_text();
    for (auto word : split(text, ' ')) {
        if (!word.empty()) roles.words_.emplace_back(word);
    }
    return roles;
}

bool Roles::has(std::string_view role) const {
    return std::ranges::find(words_, role) != words_.end();
}

std::string Roles::to_column() const {
    return join(words_, " ");
}

}  // namespace cardea::account
