#include "cardea/sign_in/known_browser.hpp"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.hpp"

namespace cardea::sign_in {
namespace {

account::Email email(std::string_view text) {
    return account::Email::parse(text).value();
}

struct KnownBrowser : testing::Test {
    std::string value() { return browsers.cookie(ada).value; }

    FakeClock clock;
    KnownBrowsers browsers{SecretBytes(to_bytes("a key of this purpose")), clock,
                           session::Origin::https};
    account::Email ada = email("ada@example.org");
};

TEST_F(KnownBrowser, IsKnownForTheAddressItSignedInWith) {
    EXPECT_TRUE(browsers.knows(value(), ada));
    EXPECT_TRUE(browsers.knows(value(), email("ADA@example.org")));
    EXPECT_FALSE(browsers.knows(value(), email("bob@example.org")));
}

TEST_F(KnownBrowser, IsForgottenInTheEnd) {
    auto cookie = browsers.cookie(ada);

    clock.advance(*cookie.max_age - 1s);
    EXPECT_TRUE(browsers.knows(cookie.value, ada));
    clock.advance(1s);
    EXPECT_FALSE(browsers.knows(cookie.value, ada));
}

TEST_F(KnownBrowser, CannotBeForged) {
    auto good = value();
    for (std::size_t i = 0; i < good.size(); ++i) {
        auto bad = good;
        bad[i] = bad[i] == '7' ? '8' : '7';
        EXPECT_FALSE(browsers.knows(bad, ada)) << bad;
    }
    for (const auto& bad : {std::string(), std::string("."), good + "A", " " + good, "0" + good,
                            good.substr(0, good.size() - 1), std::string("99999999999999999999.x")})
        EXPECT_FALSE(browsers.knows(bad, ada)) << bad;
    KnownBrowsers other(SecretBytes(to_bytes("another key")), clock, session::Origin::https);
    EXPECT_FALSE(other.knows(good, ada));
}

TEST_F(KnownBrowser, HasACookieOfThisHostAlone) {
    auto https = browsers.cookie(ada);
    KnownBrowsers on_loopback(SecretBytes(), clock, session::Origin::plain_loopback);
    auto plain = on_loopback.cookie(ada);

    EXPECT_EQ(https.name, "__Host-cardea_known");
    EXPECT_TRUE(https.secure);
    EXPECT_EQ(plain.name, "cardea_known");
    EXPECT_FALSE(plain.secure);
}

}  // namespace
}  // namespace cardea::sign_in
