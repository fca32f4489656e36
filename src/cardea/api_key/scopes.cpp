#include "cardea/api_key/scopes.hpp"

#include <algorithm>

#include "cardea/base/text.hpp"

namespace cardea::api_key {
namespace {

bool is_scope(std::string_view word) {
    return std::ranges::find(scope::all, word) != scope::all.end();
}

}  // namespace

Result<Scopes> Scopes::parse(const std::vector<std::string>& words) {
    if (words.empty()) return fail(scope_unknown, "none given");
    for (const auto& word : words) {
        if (!is_scope(word)) return fail(scope_unknown, std::string(cut(word, 100)));
    }
    Scopes scopes;
    scopes.words_ = words;
    std::ranges::sort(scopes.words_);
    auto repeats = std::ranges::unique(scopes.words_);
    scopes.words_.erase(repeats.begin(), repeats.end());
    return scopes;
}

Scopes Scopes::from_column(const db::Value& value) {
    Scopes scopes;
    auto text = value.as_text();
    for (auto word : split(text, ' ')) {
        if (!word.empty()) scopes.words_.emplace_back(word);
    }
    return scopes;
}

bool Scopes::has(std::string_view scope) const {
    return std::ranges::find(words_, scope) != words_.end();
}

std::string Scopes::to_column() const {
    return join(words_, " ");
}

}  // namespace cardea::api_key
