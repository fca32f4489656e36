#include "cardea/sign_in/flow_cookie.hpp"

#include <gtest/gtest.h>

#include "tests/support/seeded_random.hpp"

namespace cardea::sign_in {
namespace {

using session::Origin;

TEST(BrowserSecret, IsNewUnlessTheBrowserHasOneOfOurs) {
    SeededRandom random;
    auto first = browser_secret("", random).reveal();

    EXPECT_EQ(first.size(), 43u);
    EXPECT_EQ(browser_secret(first, random).reveal(), first);
    for (const auto& planted :
         {std::string("guess"), first + "A", first.substr(1), std::string(43, '!')})
        EXPECT_NE(browser_secret(planted, random).reveal(), planted);
}

TEST(FlowCookie, IsBoundToTheHostAndLastsAsLongAsASignIn) {
    auto cookie = flow_cookie(Origin::https, SecretText("secret"), oauth::ResponseMode::query);

    EXPECT_EQ(cookie.name, "__Host-cardea_flow");
    EXPECT_EQ(cookie.same_site, http::SameSite::lax);
    EXPECT_TRUE(cookie.secure);
    EXPECT_EQ(cookie.max_age, 600s);
}

TEST(FlowCookie, CrossesOriginsOnlyWhereTheProviderPosts) {
    auto posted = flow_cookie(Origin::https, SecretText("s"), oauth::ResponseMode::form_post);
    auto plain =
        flow_cookie(Origin::plain_loopback, SecretText("s"), oauth::ResponseMode::form_post);

    EXPECT_EQ(posted.same_site, http::SameSite::none);
    EXPECT_TRUE(posted.secure);
    EXPECT_EQ(plain.name, "cardea_flow");
    EXPECT_EQ(plain.same_site, http::SameSite::lax);
    EXPECT_FALSE(plain.secure);
}

}  // namespace
}  // namespace cardea::sign_in
