#include "cardea/http/cookie.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace cardea::http {
namespace {

std::optional<std::string> cookie(std::string field, std::string_view name) {
    Headers headers{{"Cookie", std::move(field)}};
    auto value = Cookies(headers).get(name);
    return value ? std::optional<std::string>(*value) : std::nullopt;
}

TEST(Cookies, AreReadByTheirExactName) {
    EXPECT_EQ(cookie("a=1; b=2; A=3", "b"), "2");
    EXPECT_EQ(cookie("a=1; b=2; A=3", "A"), "3");
    EXPECT_EQ(cookie("a=1", "c"), std::nullopt);
}

TEST(Cookies, SentTwiceAreNotBelieved) {
    EXPECT_EQ(cookie("a=1; a=2", "a"), std::nullopt);
    Headers headers{{"Cookie", "a=1"}, {"cookie", "a=2"}};
    EXPECT_EQ(Cookies(headers).count("a"), 2u);
}

TEST(Cookies, ThatAreMalformedAreSkippedAndTheOthersRead) {
    EXPECT_EQ(cookie("=x; nothing; a b=1; c=\"q\"; d=1,2; e=ok", "e"), "ok");
    EXPECT_EQ(cookie("c=\"q\"", "c"), std::nullopt);
    EXPECT_EQ(cookie("d=1,2", "d"), std::nullopt);
    EXPECT_EQ(cookie("a b=1", "b"), std::nullopt);
}

TEST(Cookies, ThatAreMalformedAreCountedSoThatTheyCanBeCleared) {
    Headers headers{{"Cookie", "c=\"q\"; d=1"}};

    EXPECT_EQ(Cookies(headers).count("c"), 1u);
}

TEST(Cookies, MayBeEmptyAndMayHoldEqualsSigns) {
    EXPECT_EQ(cookie("a=", "a"), "");
    EXPECT_EQ(cookie("a=b=c==", "a"), "b=c==");
}

TEST(Cookies, ByTheThousandsAreReadInNoTime) {
    std::string field;
    for (int i = 0; i < 10'000; ++i) field += "c" + std::to_string(i) + "=1;";

    EXPECT_EQ(cookie(field, "c9999"), "1");
}

TEST(SetCookie, IsForTheWholeHostHttpOnlySecureAndLax) {
    SetCookie cookie{.name = "__Host-cardea_session", .value = "cas_x"};

    EXPECT_EQ(to_text(cookie),
              "__Host-cardea_session=cas_x; Path=/; Secure; HttpOnly; SameSite=Lax");
}

TEST(SetCookie, WithHostPrefixCannotBeMadeInsecureOrNarrow) {
    SetCookie cookie{.name = "__Host-a", .value = "1", .secure = false, .path = "/x"};

    EXPECT_EQ(to_text(cookie), "__Host-a=1; Path=/; Secure; HttpOnly; SameSite=Lax");
}

TEST(SetCookie, KnowsLifetimePathAndSameSite) {
    SetCookie cookie{.name = "flow",
                     .value = "1",
                     .max_age = 600s,
                     .same_site = SameSite::none,
                     .secure = true,
                     .path = "/auth"};

    EXPECT_EQ(to_text(cookie), "flow=1; Path=/auth; Max-Age=600; Secure; HttpOnly; SameSite=None");
}

TEST(SetCookie, InDevelopmentMayGoOverPlainHttp) {
    SetCookie cookie{.name = "cardea_session", .value = "x", .secure = false};

    EXPECT_EQ(to_text(cookie), "cardea_session=x; Path=/; HttpOnly; SameSite=Lax");
}

TEST(SetCookie, IsRemovedByAnEmptyOneThatIsOver) {
    SetCookie cookie{.name = "a", .value = "secret", .same_site = SameSite::strict};

    EXPECT_EQ(to_text(removal_of(cookie)),
              "a=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict");
}

TEST(SetCookie, NeverCarriesWhatWouldEndItsField) {
    for (auto value : {"a;b", "a\r\nSet-Cookie: x=1", "a b", "a,b", "\"a\"", "a\\b", "\x01"}) {
        EXPECT_THROW(to_text(SetCookie{.name = "a", .value = value}), std::logic_error) << value;
    }
    for (auto name : {"", "a b", "a=b", "a;b", "a\n"}) {
        EXPECT_THROW(to_text(SetCookie{.name = name, .value = "x"}), std::logic_error) << name;
    }
    EXPECT_THROW(to_text(SetCookie{.name = "a", .value = "x", .path = "/; Domain=evil"}),
                 std::logic_error);
}

}  // namespace
}  // namespace cardea::http
