// Every provider of the catalogue is tried without a user, against the emulator.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>

#include "tests/catalogue/round.hpp"
#include "tests/support/catalogue_names.hpp"

namespace cardea {
namespace {

using provider::CheckReport;
using provider::Outcome;

/// All that does not work, in words.
std::string problems(const CheckReport& report) {
    std::string text;
    for (const auto& one : report.items)
        if (!one.problem.empty()) text += one.what + ": " + one.problem + " " + one.url + "\n";
    return text;
}

class EveryCheck : public testing::TestWithParam<std::string> {
  protected:
    // One for all: a check leaves nothing behind, and a stage takes long to set.
    static void SetUpTestSuite() { stage = std::make_unique<Stage>(); }
    static void TearDownTestSuite() { stage.reset(); }
    emulator::EmulatedProvider& played() { return *stage->emulator->find(GetParam()); }
    schema::JsonObject row() { return registered(played(), catalogue_row(GetParam())); }
    Result<CheckReport> check(schema::JsonObject row) {
        Round round(*stage, played(), GetParam(), std::move(row));
        return stage->database.run(round.providers().check(GetParam()));
    }

    static inline std::unique_ptr<Stage> stage;
};

TEST_P(EveryCheck, WorksForTheClientThatIsRegistered) {
    auto report = check(row());

    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_TRUE(report->works) << problems(*report);
}

/// What a provider's endpoints are, by the keys of its row; a part of the URL where the rest of it
/// is filled in.
std::map<std::string, std::string> endpoints_of(const oauth::Provider& provider) {
    using oauth::ProfileSource;
    std::map<std::string, std::string> urls{
        {"authorization_endpoint", provider.authorization_endpoint},
        {"token_endpoint", provider.token_endpoint},
        {"renewal.endpoint", provider.renewal.endpoint},
        {"revocation_endpoint", provider.revocation_endpoint}};
    if (provider.token_chain) urls["token_chain.endpoint"] = provider.token_chain->endpoint;
    if (provider.email_request) urls["email_request.endpoint"] = provider.email_request->endpoint;
    if (provider.profile.source == ProfileSource::userinfo)
        urls["userinfo_endpoint"] = provider.userinfo_endpoint;
    std::erase_if(urls, [](const auto& one) { return one.second.empty(); });
    for (auto& [key, url] : urls) url.resize(std::min(url.find('{'), url.size()));
    return urls;
}

TEST_P(EveryCheck, TriesEveryEndpointThatIsAskedLater) {
    Round round(*stage, played(), GetParam(), row());
    auto ready = stage->database.run(round.providers().ready(GetParam()));
    ASSERT_TRUE(ready) << ready.error().describe();

    auto report = stage->database.run(round.providers().check(GetParam()));

    ASSERT_TRUE(report) << report.error().describe();
    for (const auto& [key, url] : endpoints_of(**ready))
        EXPECT_TRUE(std::ranges::any_of(
            report->items, [&url](const auto& one) { return one.url.starts_with(url); }))
            << key << ' ' << url;
}

TEST_P(EveryCheck, PassesNoWrongSecret) {
    auto changed = with_wrong_secret(played(), row());
    if (!changed) GTEST_SKIP() << "its clients have no secret";

    auto report = check(std::move(*changed));

    ASSERT_TRUE(report) << report.error().describe();
    auto secret = std::ranges::find(report->items, "client_secret", &provider::Tried::what);
    ASSERT_NE(secret, report->items.end()) << problems(*report);
    EXPECT_NE(secret->outcome, Outcome::works);
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryCheck, testing::ValuesIn(catalogue_names()),
                         [](const auto& named) { return named.param; });

}  // namespace
}  // namespace cardea
