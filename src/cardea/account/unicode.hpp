// The Unicode forms that addresses and names are kept and compared in.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cardea::account {

/// Normal form C; empty for what is not UTF-8.
std::optional<std::string> to_nfc(std::string_view text);
/// What look-alikes have in common: NFKC, full case folding, default-ignorable code points dropped
/// (the mapping NFKC_Casefold of Unicode), and every i with or without its dot as one. Empty for
/// what is not UTF-8.
std::optional<std::string> to_look_alike_key(std::string_view text);
/// Code points of a UTF-8 text.
std::size_t count_code_points(std::string_view text);
/// Whether a character stands in it that cannot be seen and changes what is: a control (C0, C1), a
/// line or paragraph separator, a direction override, or an unassigned, surrogate or private one.
bool has_invisible(std::string_view utf8);
/// The text without such characters.
std::string without_invisible(std::string_view utf8);

}  // namespace cardea::account
