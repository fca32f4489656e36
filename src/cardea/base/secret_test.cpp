// Secret<T> leaves no copy behind. That it cannot be printed is tested in tests/compile_fail.
#include "cardea/base/secret.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace cardea {
namespace {

const std::string in_place = "short";
const std::string on_the_heap = "a secret that is longer than what a string keeps in place";

TEST(Secret, ComparesByValue) {
    EXPECT_TRUE(SecretText(on_the_heap) == SecretText(on_the_heap));
    EXPECT_FALSE(SecretText(on_the_heap) == SecretText(in_place));
    EXPECT_FALSE(SecretText("a") == SecretText("b"));
}

TEST(Secret, IsSeenOnlyThroughReveal) {
    SecretText secret(in_place);

    EXPECT_EQ(secret.reveal(), in_place);
    EXPECT_EQ(secret.size(), in_place.size());
    EXPECT_FALSE(secret.empty());
    EXPECT_TRUE(SecretText().empty());
}

TEST(Secret, LeavesNothingInWhatItWasMovedFrom) {
    for (const auto& value : {in_place, on_the_heap}) {
        SecretText first(value);
        SecretText second(std::move(first));

        EXPECT_EQ(second.reveal(), value);
        EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): that is the point
        EXPECT_EQ(first.reveal().data()[0], '\0');
    }
}

TEST(Secret, LeavesNothingInTheStringItWasMadeFrom) {
    std::string plain = in_place;
    const char* memory = plain.data();

    SecretText secret(std::move(plain));

    EXPECT_EQ(secret.reveal(), in_place);
    EXPECT_TRUE(std::all_of(memory, memory + in_place.size(), [](char c) { return c == 0; }));
}

TEST(Secret, ForgetsItsOldValueWhenAssigned) {
    std::string longer = on_the_heap;
    SecretText secret(longer);

    secret = SecretText(in_place);
    EXPECT_EQ(secret.reveal(), in_place);

    const SecretText other(on_the_heap);
    secret = other;
    EXPECT_EQ(secret.reveal(), other.reveal());
    EXPECT_EQ(longer, on_the_heap);
}

TEST(Secret, SurvivesAssignmentToItself) {
    SecretText secret(in_place);
    auto& same = secret;

    secret = same;
    EXPECT_EQ(secret.reveal(), in_place);

    secret = std::move(same);
    EXPECT_EQ(secret.reveal(), in_place);
}

TEST(Secret, CopiesWhenAsked) {
    SecretBytes first(to_bytes("key"));
    SecretBytes second = first;
    second = SecretBytes(to_bytes("yek"));

    EXPECT_FALSE(first == second);
    EXPECT_EQ(to_text(first.reveal()), "key");
}

}  // namespace
}  // namespace cardea
