// What /health tells.
#include "cardea/lifecycle/health.hpp"

#include <gtest/gtest.h>

#include "cardea/runtime/deadline.hpp"
#include "cardea/schema/json.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/run.hpp"

namespace cardea::lifecycle {
namespace {

inline constexpr Reason gone{Code::unavailable, "test.gone", "It is gone."};

struct Peer {
    bool works = true;
    int asked = 0;

    Task<void> ask() {
        ++asked;
        if (!works) co_return fail(gone, "host=10.0.0.7 password=x");
        co_return Result<void>();
    }
    Task<void> hang() {
        ++asked;
        co_return co_await runtime::sleep(1h);
    }
    Task<void> break_down() {
        throw std::runtime_error("a bug");
        co_return Result<void>();
    }
};

class HealthOfAServer : public testing::Test {
  protected:
    Lifecycle lifecycle_;
    FakeClock clock_;
    Health health_{lifecycle_, clock_};
    Peer database_, cache_;

    void SetUp() override {
        health_.add("database", Health::Weight::unhealthy, [this] { return database_.ask(); });
        health_.add("cache", Health::Weight::degraded, [this] { return cache_.ask(); });
    }
    HealthReport report() { return run(health_.report()).value(); }
    HealthReport fresh_report() {
        clock_.advance(1s);
        return report();
    }
};

TEST_F(HealthOfAServer, IsBadUntilItHasStarted) {
    EXPECT_EQ(report().status, HealthStatus::unhealthy);
    EXPECT_EQ(report().http_status(), 503);
    EXPECT_TRUE(health_.is_live());
    EXPECT_FALSE(health_.is_ready());
}

TEST_F(HealthOfAServer, IsGoodWhileAllChecksPass) {
    lifecycle_.started();

    EXPECT_EQ(report().status, HealthStatus::healthy);
    EXPECT_EQ(report().http_status(), 200);
    EXPECT_TRUE(health_.is_ready());
}

TEST_F(HealthOfAServer, IsBadWithoutWhatItCannotDoWithout) {
    lifecycle_.started();
    database_.works = false;
    cache_.works = false;

    EXPECT_EQ(report().status, HealthStatus::unhealthy);
    EXPECT_EQ(report().http_status(), 503);
}

TEST_F(HealthOfAServer, IsDegradedWithoutWhatItCanDoWithout) {
    lifecycle_.started();
    cache_.works = false;

    EXPECT_EQ(report().status, HealthStatus::degraded);
    EXPECT_EQ(report().http_status(), 200);
}

TEST_F(HealthOfAServer, NamesTheCheckThatFailedInWordsForUsers) {
    lifecycle_.started();
    cache_.works = false;

    const auto checks = report().checks.value();

    ASSERT_EQ(checks.size(), 2u);
    EXPECT_EQ(checks[0].name, "database");
    EXPECT_TRUE(checks[0].passed);
    EXPECT_EQ(checks[1].name, "cache");
    EXPECT_FALSE(checks[1].passed);
    EXPECT_EQ(checks[1].text, "It is gone.");
}

TEST_F(HealthOfAServer, ShowsThePublicNoInside) {
    lifecycle_.started();
    const auto inside = report();

    EXPECT_TRUE(inside.version);
    EXPECT_EQ(schema::write_json(inside.in_public()), R"({"status":"healthy","uptime_seconds":0})");
}

TEST_F(HealthOfAServer, StopsFirstInReadinessThenInStatus) {
    lifecycle_.started();
    lifecycle_.request_stop("test");

    EXPECT_FALSE(health_.is_ready());
    EXPECT_TRUE(health_.is_live());
    EXPECT_EQ(report().status, HealthStatus::stopping);
    EXPECT_EQ(report().http_status(), 503);

    lifecycle_.stopped();
    EXPECT_FALSE(health_.is_live());
}

TEST_F(HealthOfAServer, IsAskedOnceASecondHoweverOftenItIsWanted) {
    lifecycle_.started();
    for (int i = 0; i < 100; ++i) report();
    EXPECT_EQ(database_.asked, 1);

    fresh_report();
    EXPECT_EQ(database_.asked, 2);
}

TEST_F(HealthOfAServer, IsAskedAgainAfterTheClockWentBack) {
    lifecycle_.started();
    report();

    clock_.advance(-24h);
    database_.works = false;

    EXPECT_EQ(report().status, HealthStatus::unhealthy);
}

TEST_F(HealthOfAServer, HealsWhenTheCheckPassesAgain) {
    lifecycle_.started();
    database_.works = false;
    EXPECT_EQ(report().status, HealthStatus::unhealthy);

    database_.works = true;
    EXPECT_EQ(fresh_report().status, HealthStatus::healthy);
}

TEST_F(HealthOfAServer, IsBadWhenACheckThrows) {
    lifecycle_.started();
    health_.add("broken", Health::Weight::unhealthy, [this] { return database_.break_down(); });

    EXPECT_EQ(report().status, HealthStatus::unhealthy);
}

TEST_F(HealthOfAServer, WaitsNoLongerThanASecondForACheck) {
    lifecycle_.started();
    health_.add("hung", Health::Weight::unhealthy, [this] { return database_.hang(); });

    EXPECT_EQ(report().status, HealthStatus::unhealthy);
    EXPECT_EQ(report().checks->back().text, deadline_passed.text);
}

}  // namespace
}  // namespace cardea::lifecycle
