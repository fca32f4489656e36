// What becomes of a sign-in and of a renewal when the provider misbehaves.
#include <gtest/gtest.h>

#include <boost/describe/enum_to_string.hpp>

#include "cardea/oauth/profile.hpp"
#include "cardea/oauth/requests.hpp"
#include "tests/catalogue/round.hpp"

namespace cardea {
namespace {

using emulator::Endpoint;
using emulator::Failure;

struct Case {
    Failure failure;
    std::string_view reason;  ///< Empty: it is taken all the same.
};

class FailingProvider : public testing::TestWithParam<Case> {
  protected:
    FailingProvider() {
        auto& played = *stage.emulator->find("google");
        round = std::make_unique<Round>(stage, played, "google",
                                        registered(played, catalogue_row("google")));
    }
    void fail(Endpoint endpoint) {
        // Twice, because what changes nothing is asked again when the connection breaks.
        int times = endpoint == Endpoint::token ? 1 : 2;
        stage.emulator->fail_next("google", endpoint, GetParam().failure, times);
    }
    template <class T>
    void expect_told(const Result<T>& result, std::string_view reason = GetParam().reason) {
        if (reason.empty()) {
            EXPECT_TRUE(result) << result.error().describe();
            return;
        }
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().reason().slug, reason) << result.error().describe();
        bool limited = GetParam().failure == Failure::rate_limited;
        EXPECT_EQ(result.error().retry_after() == Seconds(7), limited);
    }

    Stage stage;
    std::unique_ptr<Round> round;
};

TEST_P(FailingProvider, AtTheTokenEndpointIsTold) {
    fail(Endpoint::token);
    expect_told(round->sign_in());

    stage.emulator->repair();
    EXPECT_TRUE(round->sign_in()) << "the next one works";
}

TEST_P(FailingProvider, InTheProfileCallIsTold) {
    auto exchanged = round->sign_in();
    ASSERT_TRUE(exchanged);
    fail(Endpoint::userinfo);

    bool nonsense = GetParam().failure == Failure::html || GetParam().failure == Failure::truncated;
    expect_told(stage.database.run(round->providers().profile("google", {exchanged->tokens})),
                nonsense ? oauth::profile_refused.slug : GetParam().reason);
}

TEST_P(FailingProvider, NeverEndsAPermission) {
    auto exchanged = round->sign_in();
    ASSERT_TRUE(exchanged);
    fail(Endpoint::token);

    auto renewed = stage.database.run(round->providers().renew("google", exchanged->tokens));
    expect_told(renewed);
    EXPECT_TRUE(renewed || !renewed.error().is(oauth::consent_withdrawn));
}

INSTANTIATE_TEST_SUITE_P(
    All, FailingProvider,
    testing::Values(
        Case{Failure::hang, "provider.timeout"}, Case{Failure::slow, "provider.timeout"},
        Case{Failure::reset, "provider.failed"}, Case{Failure::status_500, "provider.failed"},
        Case{Failure::rate_limited, "provider.failed"}, Case{Failure::html, "provider.failed"},
        Case{Failure::truncated, "provider.failed"}, Case{Failure::giant, "provider.failed"},
        Case{Failure::bomb, "provider.failed"}, Case{Failure::wrong_type, ""}),
    [](const auto& named) {
        return std::string(boost::describe::enum_to_string(named.param.failure, ""));
    });

}  // namespace
}  // namespace cardea
