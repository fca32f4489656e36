// Error and Result: what they carry, and that a cause is kept for the log only.
#include "cardea/base/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cardea {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

constexpr Reason broken{Code::unavailable, "test.broken", "It is broken."};
constexpr Reason refused{Code::forbidden, "test.refused", "You may not."};

struct NeverEmpty {
    explicit NeverEmpty(int number) : value(number) {}
    int value;
};

Result<int> half(int number) {
    if (number % 2 != 0) return fail(refused, "odd");
    return number / 2;
}

TEST(Error, KnowsItsReasonBySlug) {
    Error error(refused);
    constexpr Reason same_slug{Code::invalid, "test.refused", "Said elsewhere."};

    EXPECT_TRUE(error.is(refused));
    EXPECT_TRUE(error.is(same_slug));
    EXPECT_FALSE(error.is(broken));
    EXPECT_EQ(error.code(), Code::forbidden);
}

TEST(Error, DescribesItselfInOneLineWithThePlace) {
    auto line = __LINE__ + 1u;
    Error error(refused, "account 7");

    EXPECT_THAT(error.describe(),
                MatchesRegex("test\\.refused: account 7 \\(error_test\\.cpp:[0-9]+\\)"));
    EXPECT_EQ(error.where().line(), line);
    EXPECT_THAT(Error(broken).describe(),
                MatchesRegex("test\\.broken \\(error_test\\.cpp:[0-9]+\\)"));
}

TEST(Error, KeepsItsCauseInTheDetail) {
    Error cause(broken, "disk");
    Error error(refused, cause);

    EXPECT_TRUE(error.is(refused));
    EXPECT_THAT(error.detail(), HasSubstr("test.broken: disk"));
    EXPECT_EQ(error.reason().text, "You may not.");
}

TEST(Error, ThatWasNeverSetReadsAsABug) {
    EXPECT_TRUE(Error().is(unset));
    EXPECT_EQ(Error().code(), Code::internal);
    EXPECT_EQ(Error().status(), 0);
}

TEST(Error, CarriesFieldsDelayAndStatus) {
    auto error = Error(refused).with_fields({{"email", "email.malformed", "Not an address."}});
    error = std::move(error).with_retry_after(std::chrono::seconds(30));
    error = std::move(error).with_status(84);

    ASSERT_EQ(error.fields().size(), 1u);
    EXPECT_EQ(error.fields()[0].field, "email");
    EXPECT_EQ(error.retry_after(), std::chrono::seconds(30));
    EXPECT_EQ(error.status(), 84);
}

TEST(Error, AddedToACopyDoesNotChangeTheOriginal) {
    Error original(refused, "detail");
    auto copy = Error(original).with_retry_after(std::chrono::seconds(1));

    EXPECT_EQ(original.retry_after(), std::nullopt);
    EXPECT_EQ(copy.detail(), "detail");
}

TEST(Result, HoldsAValueOrTheErrorThatSaysWhyNot) {
    EXPECT_EQ(half(4).value(), 2);
    ASSERT_FALSE(half(3));
    EXPECT_EQ(half(3).error().detail(), "odd");
}

TEST(Result, IsPassedOnWithItsError) {
    auto twice = [](int number) -> Result<std::string> {
        auto first = half(number);
        if (!first) return std::unexpected(first.error());
        return "fine";
    };

    EXPECT_EQ(twice(2).value(), "fine");
    EXPECT_TRUE(twice(1).error().is(refused));
}

TEST(Result, TranslatesARefusalAndKeepsTheCause) {
    auto translated = [](int number) -> Result<void> {
        auto first = half(number);
        if (!first) return fail(broken, first.error());
        return {};
    };

    EXPECT_TRUE(translated(2));
    EXPECT_TRUE(translated(1).error().is(broken));
    EXPECT_THAT(translated(1).error().detail(), HasSubstr("test.refused: odd"));
}

TEST(Result, OfATypeWithoutADefaultIsAnErrorUntilSet) {
    Result<NeverEmpty> result;

    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().is(unset));
}

TEST(Result, OfVoidIsSuccessByDefault) {
    EXPECT_TRUE(Result<void>());
}

}  // namespace
}  // namespace cardea
