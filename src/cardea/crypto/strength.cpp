// What makes a text too weak for SECRET_KEY.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "cardea/base/encoding.hpp"
#include "cardea/base/text.hpp"
#include "cardea/crypto/keyring.hpp"

namespace cardea::crypto {
namespace {

constexpr std::size_t least_characters = 32;
// Random text of 32 hex digits has about 117 by this measure, a typed-out pattern far less.
constexpr double least_bits = 80;
constexpr std::array<std::string_view, 16> obvious{
    "changeme", "change-me", "change_me", "change me", "replace",  "password",
    "passwort", "secret",    "example",   "default",   "insecure", "placeholder",
    "letmein",  "qwerty",    "your-key",  "yourkey"};

bool has_obvious_word(std::string_view secret) {
    const SecretText lower(ascii_lower(secret));
    return std::ranges::any_of(
        obvious, [&](auto word) { return lower.reveal().find(word) != std::string::npos; });
}

// `abcabcabc`: the text equals itself moved on by half its length or less.
bool repeats(std::string_view secret) {
    for (std::size_t period = 1; period <= secret.size() / 2; ++period) {
        if (secret.substr(period) == secret.substr(0, secret.size() - period)) return true;
    }
    return false;
}

bool is_alphanumeric(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// `aaaa…`, `abcd-efgh-…`, `9876…`: more than two thirds of the letters and digits follow from the
// one before. Of random hex digits a sixth do; more than half, once in 400 000 keys.
bool counts_up_or_down(std::string_view secret) {
    std::size_t counted = 0;
    std::size_t steps = 0;
    char previous = 0;
    for (char c : secret) {
        if (!is_alphanumeric(c)) continue;
        ++counted;
        if (std::abs(c - previous) <= 1) ++steps;
        previous = c;
    }
    return steps > counted * 2 / 3;
}

double bits_of_variety(std::string_view secret) {
    std::array<double, 256> counts{};
    for (unsigned char c : secret) ++counts[c];
    const auto size = static_cast<double>(secret.size());
    double bits = 0;
    for (double count : counts) {
        if (count > 0) bits += count * std::log2(size / count);
    }
    return bits;
}

}  // namespace

std::optional<std::string> weakness(std::string_view secret) {
    secret = trim(secret);
    if (secret.size() < least_characters) {
        return fmt::format("it has {} characters, and {} are the least", secret.size(),
                           least_characters);
    }
    if (has_control(secret)) return "it has control characters";
    if (has_obvious_word(secret)) return "it has a word in it that everybody tries first";
    if (repeats(secret)) return "it repeats itself";
    if (counts_up_or_down(secret)) return "its characters follow one from the other";
    if (bits_of_variety(secret) < least_bits) return "too few different characters are in it";
    return std::nullopt;
}

SecretText new_secret(Random& random) {
    const SecretBytes bits(random.bytes(32));
    return SecretText(to_base64url(bits.reveal()));
}

}  // namespace cardea::crypto
