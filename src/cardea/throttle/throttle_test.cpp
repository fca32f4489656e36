// Guessing is slow, owners are not locked out, memory is bounded.
#include "cardea/throttle/throttle.hpp"

#include <gtest/gtest.h>

#include "cardea/cache/memory/memory_counters.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run.hpp"

namespace cardea::throttle {
namespace {

http::IpAddress ip(std::string_view text) {
    return http::IpAddress::parse(text).value();
}

struct ThrottleTest : testing::Test {
    explicit ThrottleTest(Settings settings = {}) : throttle(settings, counters) {}

    Result<Ticket> begin(const std::string& account, std::string_view address) {
        return run(throttle.begin({account, ip(address)}));
    }
    /// How many of so many attempts, each at once, get as far as the hash.
    int attempts(int count, const std::string& account, std::string_view address) {
        int passed = 0;
        for (int i = 0; i < count; ++i) passed += begin(account, address).has_value();
        return passed;
    }
    void sign_in(const std::string& account, std::string_view address) {
        auto ticket = begin(account, address);
        ASSERT_TRUE(ticket.has_value());
        ASSERT_TRUE(run(throttle.succeeded(*ticket)).has_value());
    }

    FakeClock clock;
    cache::MemoryCounters counters{clock, 10'000};
    Throttle throttle;
};
using GuessingOneAccount = ThrottleTest;
using GuessingFromOneAddress = ThrottleTest;
using Owners = ThrottleTest;
using SignUps = ThrottleTest;

TEST_F(GuessingOneAccount, HasToWaitAfterTheFreeAttempts) {
    EXPECT_EQ(attempts(6, "anna@example.org", "192.0.2.1"), 6);

    auto seventh = begin("anna@example.org", "192.0.2.1");

    ASSERT_FALSE(seventh.has_value());
    EXPECT_TRUE(seventh.error().is(slow_down));
    EXPECT_EQ(seventh.error().retry_after(), 1s);
}

TEST_F(GuessingOneAccount, WaitsTwiceAsLongEachTime) {
    attempts(6, "anna@example.org", "192.0.2.1");
    for (auto wait : {1s, 2s, 4s, 8s, 16s}) {
        auto refused = begin("anna@example.org", "192.0.2.1");
        ASSERT_FALSE(refused.has_value());
        EXPECT_EQ(refused.error().retry_after(), wait);
        clock.advance(wait);
        ASSERT_TRUE(begin("anna@example.org", "192.0.2.1").has_value());
    }
}

TEST_F(GuessingOneAccount, IsNotMadeWorseByBeingRefused) {
    attempts(6, "anna@example.org", "192.0.2.1");
    attempts(1000, "anna@example.org", "192.0.2.1");

    clock.advance(1s);

    EXPECT_TRUE(begin("anna@example.org", "192.0.2.1").has_value());
}

TEST_F(GuessingOneAccount, FromManyAddressesIsCountedTogether) {
    int passed = 0;
    for (int i = 0; i < 1000; ++i) {
        passed += attempts(1, "anna@example.org", "127.0.0." + std::to_string(i % 200 + 1));
    }

    EXPECT_EQ(passed, 6);
}

TEST_F(GuessingOneAccount, GetsAtMost100AttemptsADay) {
    int passed = 0;
    for (int second = 0; second < 24 * 3600; ++second) {
        passed += attempts(1, "anna@example.org", "192.0.2.1");
        clock.advance(1s);
    }

    EXPECT_LE(passed, 100);
    EXPECT_GE(passed, 20);
}

TEST_F(GuessingOneAccount, CountsAccountsThatDoNotExistAlike) {
    auto known = attempts(50, "anna@example.org", "192.0.2.1");
    auto unknown = attempts(50, "nobody@example.org", "192.0.2.2");

    EXPECT_EQ(known, unknown);
}

TEST_F(GuessingOneAccount, IsForgottenAfterADay) {
    attempts(100, "anna@example.org", "192.0.2.1");

    clock.advance(24h);

    EXPECT_EQ(attempts(6, "anna@example.org", "192.0.2.1"), 6);
}

TEST_F(GuessingFromOneAddress, ManyAccountsIsSlowedDown) {
    int passed = 0;
    for (int i = 0; i < 10'000; ++i) passed += attempts(1, std::to_string(i), "192.0.2.1");

    EXPECT_EQ(passed, 31);
}

TEST_F(GuessingFromOneAddress, TakesAnIpv6SiteForOne) {
    int passed = 0;
    for (int i = 1; i <= 1000; ++i) {
        passed += attempts(1, std::to_string(i), "2001:db8:0:1::" + std::to_string(i));
    }

    EXPECT_EQ(passed, 31);
    EXPECT_TRUE(begin("anna@example.org", "2001:db8:0:2::1").has_value());
}

TEST_F(GuessingFromOneAddress, LeavesOtherAddressesAlone) {
    for (int i = 0; i < 1000; ++i) attempts(1, std::to_string(i), "192.0.2.1");

    EXPECT_TRUE(begin("anna@example.org", "192.0.2.2").has_value());
}

TEST_F(GuessingFromOneAddress, TakesAMappedAddressForTheSame) {
    EXPECT_EQ(network_of(ip("::ffff:192.0.2.1")), network_of(ip("192.0.2.1")));
}

TEST_F(Owners, AreKnownFromWhereTheAccountWasOpened) {
    ASSERT_TRUE(run(throttle.remember({"anna@example.org", ip("198.51.100.7")})).has_value());
    attempts(50, "anna@example.org", "192.0.2.1");

    EXPECT_TRUE(begin("anna@example.org", "198.51.100.7").has_value());
    EXPECT_FALSE(begin("anna@example.org", "198.51.100.8").has_value());
}

TEST_F(Owners, AreNotLockedOutOfAKnownAddressByStrangers) {
    sign_in("anna@example.org", "198.51.100.7");
    for (int i = 0; i < 1000; ++i) {
        attempts(1, "anna@example.org", "127.0.0." + std::to_string(i % 200 + 1));
    }

    EXPECT_TRUE(begin("anna@example.org", "198.51.100.7").has_value());
}

TEST_F(Owners, AreNotLockedOutOfAKnownBrowserByStrangers) {
    attempts(1000, "anna@example.org", "192.0.2.1");
    Attempt attempt{"anna@example.org", ip("198.51.100.7"), true};

    EXPECT_TRUE(run(throttle.begin(attempt)).has_value());
}

TEST_F(Owners, AreSlowedDownFromAKnownAddress) {
    sign_in("anna@example.org", "198.51.100.7");

    EXPECT_EQ(attempts(100, "anna@example.org", "198.51.100.7"), 6);
}

TEST_F(Owners, StartAnewWithTheRightPassword) {
    attempts(4, "anna@example.org", "192.0.2.1");
    sign_in("anna@example.org", "192.0.2.1");

    EXPECT_EQ(attempts(100, "anna@example.org", "192.0.2.1"), 6);
}

TEST_F(Owners, BehindOneAddressDoNotWaitForEachOther) {
    for (int i = 0; i < 1000; ++i) sign_in(std::to_string(i), "192.0.2.1");
}

TEST_F(Owners, AreNotCountedWhenNobodyLookedAtThePassword) {
    for (int i = 0; i < 1000; ++i) {
        auto ticket = begin("anna@example.org", "192.0.2.1");
        ASSERT_TRUE(ticket.has_value());
        ASSERT_TRUE(run(throttle.withdraw(*ticket)).has_value());
    }
}

TEST_F(SignUps, ThatCameToNothingDoNotCount) {
    for (int i = 0; i < 200; ++i) {
        ASSERT_TRUE(run(throttle.count_sign_up(ip("192.0.2.1"))).has_value()) << i;
        ASSERT_TRUE(run(throttle.withdraw_sign_up(ip("192.0.2.1"))).has_value());
    }
}

TEST_F(SignUps, AreSlowedDownForAnAddress) {
    int passed = 0;
    for (int i = 0; i < 1000; ++i) {
        passed += run(throttle.count_sign_up(ip("192.0.2.1"))).has_value();
    }

    EXPECT_EQ(passed, 61);
    EXPECT_TRUE(run(throttle.count_sign_up(ip("192.0.2.2"))).has_value());
}

TEST_F(SignUps, AreNotTheOnlyThingCounted) {
    int begun = 0;
    for (int i = 0; i < 1000; ++i)
        begun += run(throttle.count_oauth_begin(ip("192.0.2.1"))).has_value();
    EXPECT_EQ(begun, 201);
    EXPECT_TRUE(run(throttle.count_oauth_begin(ip("192.0.2.2"))).has_value());

    int changed = 0;
    for (int i = 0; i < 1000; ++i) {
        auto from = ip("10.0." + std::to_string(i / 250) + '.' + std::to_string(i % 250));
        changed += run(throttle.count_email_change("account-1", from)).has_value();
    }
    EXPECT_EQ(changed, 6) << "from many networks, for one account";
}

TEST_F(Owners, AreStrangersAgainAfterTheAccountWasForgotten) {
    sign_in("anna@example.org", "192.0.2.1");
    ASSERT_TRUE(run(throttle.forget("anna@example.org")).has_value());
    attempts(100, "anna@example.org", "198.51.100.7");

    EXPECT_EQ(attempts(1, "anna@example.org", "192.0.2.1"), 0);
}

TEST_F(ThrottleTest, NeedsBoundedMemory) {
    for (int i = 0; i < 50'000; ++i) {
        auto address = "10." + std::to_string(i >> 16) + "." + std::to_string((i >> 8) & 255) +
                       "." + std::to_string(i & 255);
        attempts(1, std::to_string(i), address);
    }

    EXPECT_LE(counters.size(), 10'000U);
}

struct SwitchedOff : ThrottleTest {
    SwitchedOff() : ThrottleTest({.enabled = false}) {}
};
TEST_F(SwitchedOff, CountsNothing) {
    EXPECT_EQ(attempts(1000, "anna@example.org", "192.0.2.1"), 1000);
    sign_in("anna@example.org", "192.0.2.1");
    EXPECT_EQ(counters.size(), 0U);
}

class BrokenCounters final : public cache::Counters {
  public:
    Task<cache::Count> add(std::string, std::int64_t, Milliseconds) override {
        co_return fail(internal, "away");
    }
    Task<cache::Count> get(std::string) override { co_return fail(internal, "away"); }
    Task<void> set(std::string, std::int64_t, Milliseconds) override {
        co_return fail(internal, "away");
    }
    Task<void> remove(std::string) override { co_return fail(internal, "away"); }
};

TEST(ThrottleWithoutItsCache, LetsPeopleIn) {
    BrokenCounters counters;
    Throttle throttle({}, counters);
    Attempt attempt{"anna@example.org", ip("192.0.2.1")};

    auto ticket = run(throttle.begin(attempt));

    ASSERT_TRUE(ticket.has_value());
    EXPECT_TRUE(run(throttle.succeeded(*ticket)).has_value());
    EXPECT_TRUE(run(throttle.withdraw(*ticket)).has_value());
    EXPECT_TRUE(run(throttle.count_sign_up(ip("192.0.2.1"))).has_value());
}

}  // namespace
}  // namespace cardea::throttle
