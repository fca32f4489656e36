// What the tests of the formats share: a password that others hashed, and what becomes of a text.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "cardea/password/formats/registry.hpp"

namespace cardea::password::formats {

/// The password of all vectors here: not ASCII, with blanks.
inline const std::string known = "p\xc3\xa4ssword \xe2\x98\x83 7";

/// `right`, `wrong`, or the slug of the refusal. A text with bcrypt inside says `wrapped`.
inline std::string outcome(std::string_view stored, std::string password = known) {
    auto reading = read(stored);
    if (!reading) return std::string(reading.error().reason().slug);
    if (reading->wrapped) return "wrapped";
    auto verdict = reading->check(SecretText(std::move(password)));
    if (!verdict) return std::string(verdict.error().reason().slug);
    return *verdict == Verdict::right ? "right" : "wrong";
}

inline constexpr std::string_view malformed = malformed_hash.slug;

/// The text with `old` in it replaced, which must be there.
inline std::string with(std::string text, std::string_view old, std::string_view fresh) {
    auto at = text.find(old);
    EXPECT_NE(at, text.npos) << old;
    return at == text.npos ? text : text.replace(at, old.size(), fresh);
}

/// Every text that is cut, grown or has one wrong character is malformed or, where it still reads
/// as a hash, wrong; never right.
inline void expect_only_itself_right(const std::string& stored) {
    ASSERT_EQ(outcome(stored), "right") << stored;
    EXPECT_EQ(outcome(stored, known + "x"), "wrong") << stored;
    EXPECT_EQ(outcome(stored, ""), "wrong") << stored;
    for (std::size_t size = 0; size < stored.size(); size += 1 + size / 8) {
        EXPECT_NE(outcome(stored.substr(0, size)), "right") << stored.substr(0, size);
    }
    EXPECT_EQ(outcome(stored.substr(0, stored.size() - 1)), malformed) << stored;
    for (char tail : {'x', '='}) EXPECT_NE(outcome(stored + tail), "right") << stored << tail;
    for (char tail : {'$', ' ', '\n', '\0', '\xff'}) {
        EXPECT_EQ(outcome(stored + tail), malformed) << stored << tail;
    }
    for (std::size_t at = 0; at < stored.size(); at += 7) {
        auto damaged = stored;
        damaged[at] = '\0';
        EXPECT_EQ(outcome(damaged), malformed) << at;
    }
}

}  // namespace cardea::password::formats
