#include "cardea/session/cookie.hpp"

#include <gtest/gtest.h>

namespace cardea::session {
namespace {

TEST(SessionCookie, IsBoundToTheHostAndHiddenFromScripts) {
    EXPECT_EQ(set_cookie(Origin::https, SecretText("cas_x"), 60s),
              "__Host-cardea_session=cas_x; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax");
}

TEST(SessionCookie, IsPlainOnlyInDevelopmentOnLoopback) {
    EXPECT_EQ(set_cookie(Origin::plain_loopback, SecretText("cas_x"), 60s),
              "cardea_session=cas_x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax");
}

TEST(SessionCookie, IsTakenAwayWithTheSameFlags) {
    EXPECT_EQ(clear_cookie(Origin::https),
              "__Host-cardea_session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax");
    EXPECT_EQ(clear_cookie(Origin::plain_loopback),
              "cardea_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
}

}  // namespace
}  // namespace cardea::session
