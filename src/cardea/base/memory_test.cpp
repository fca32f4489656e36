// Wiping and constant-time comparison.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "cardea/base/equal.hpp"
#include "cardea/base/wipe.hpp"

namespace cardea {
namespace {

TEST(ConstantTimeEqual, SeesADifferenceAtEveryPlace) {
    std::string original(67, 'a');
    for (std::size_t i = 0; i < original.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            auto changed = original;
            changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
            EXPECT_FALSE(constant_time_equal(original, changed)) << i << '/' << bit;
        }
    }
}

TEST(ConstantTimeEqual, TellsLengthsApart) {
    EXPECT_FALSE(constant_time_equal("abc", "abcd"));
    EXPECT_FALSE(constant_time_equal("abc", ""));
    EXPECT_FALSE(constant_time_equal(std::string_view("a\0", 2), "a"));
}

TEST(ConstantTimeEqual, IsTrueForEqualTexts) {
    EXPECT_TRUE(constant_time_equal("", ""));
    EXPECT_TRUE(constant_time_equal(std::string("secret"), std::string("secret")));
}

TEST(Wipe, OverwritesEveryByte) {
    std::array<char, 100> memory;
    memory.fill('x');

    wipe(memory.data(), memory.size());

    EXPECT_TRUE(std::ranges::all_of(memory, [](char c) { return c == 0; }));
}

TEST(Wipe, AcceptsNoMemory) {
    wipe(nullptr, 0);
}

TEST(Wipe, CoversTheSpareCapacityOfAString) {
    std::string text = "a password long enough to live on the heap, not in place";
    auto capacity = text.capacity();
    const char* memory = text.data();
    text.resize(3);

    wipe(text);

    EXPECT_TRUE(text.empty());
    ASSERT_EQ(text.data(), memory);
    EXPECT_TRUE(std::all_of(memory, memory + capacity, [](char c) { return c == 0; }));
}

}  // namespace
}  // namespace cardea
