// Passwords made of what everybody knows of an account: its address, its name, the service.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cardea::password {

/// What a text gives to guess with, folded: itself, its runs of letters and digits, and of letters
/// alone. `Ada1815@example.org` gives `ada1815`, `ada`, `example`, `org` and the whole.
std::vector<std::string> context_words_of(std::string_view text);

/// Whether a folded password consists of such words, at least one, with fewer than eight digits,
/// blanks and punctuation marks besides: `ada-1815!`, `exampleada`. A word within a longer text is
/// no reason: the whole is compared (NIST SP 800-63B-4 section 3.1.1.2).
bool is_made_of(std::string_view folded, std::span<const std::string> words);

}  // namespace cardea::password
