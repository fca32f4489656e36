#include "cardea/password/policy/context_words.hpp"

#include <algorithm>
#include <limits>

#include "cardea/password/fold.hpp"
#include "cardea/password/password.hpp"

namespace cardea::password {
namespace {

constexpr std::size_t shortest_word = 2;
constexpr std::size_t unreachable = std::numeric_limits<std::size_t>::max();

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Beyond ASCII everything counts as a letter.
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

bool is_word_character(char c) {
    return is_letter(c) || is_digit(c);
}

void add(std::vector<std::string>& words, std::string_view word) {
    if (word.size() >= shortest_word) words.emplace_back(word);
}

/// The longest runs of characters that belong together.
template <class Belongs>
void add_runs(std::vector<std::string>& words, std::string_view text, Belongs belongs) {
    while (!text.empty()) {
        auto begin = std::ranges::find_if(text, belongs);
        auto end = std::find_if_not(begin, text.end(), belongs);
        add(words, std::string_view(begin, end));
        text = std::string_view(end, text.end());
    }
}

/// How few characters besides words lead to each place in the text.
struct Step {
    std::size_t without_word = unreachable;
    std::size_t with_word = unreachable;
    std::size_t least() const { return std::min(without_word, with_word); }
};

std::size_t one_more(std::size_t count) {
    return count == unreachable ? unreachable : count + 1;
}

}  // namespace

std::vector<std::string> context_words_of(std::string_view text) {
    auto folded = fold(text);
    const auto& all = folded.reveal();
    std::vector<std::string> words;
    add(words, all);
    add_runs(words, all, is_word_character);
    add_runs(words, all, is_letter);
    std::ranges::sort(words);
    auto repeated = std::ranges::unique(words);
    words.erase(repeated.begin(), repeated.end());
    return words;
}

bool is_made_of(std::string_view folded, std::span<const std::string> words) {
    std::vector<Step> steps(folded.size() + 1);
    steps[0].without_word = 0;
    for (std::size_t at = 0; at < folded.size(); ++at) {
        const auto here = steps[at];
        if (here.least() == unreachable) continue;
        if (!is_letter(folded[at])) {
            auto& next = steps[at + 1];
            next.without_word = std::min(next.without_word, one_more(here.without_word));
            next.with_word = std::min(next.with_word, one_more(here.with_word));
        }
        for (const auto& word : words) {
            if (!folded.substr(at).starts_with(word)) continue;
            auto& next = steps[at + word.size()];
            next.with_word = std::min(next.with_word, here.least());
        }
    }
    return steps.back().with_word < shortest_password;
}

}  // namespace cardea::password
