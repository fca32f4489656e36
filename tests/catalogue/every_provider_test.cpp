// Every provider of the catalogue signs in, renews, reads a profile and revokes against the
// emulator.
#include <gtest/gtest.h>

#include "cardea/base/text.hpp"
#include "tests/catalogue/round.hpp"
#include "tests/support/catalogue_names.hpp"

namespace cardea {
namespace {

class EveryProvider : public testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        ASSERT_NE(stage.emulator->find(GetParam()), nullptr) << "the emulator has no table";
    }
    emulator::EmulatedProvider& played() { return *stage.emulator->find(GetParam()); }
    schema::JsonObject row() { return registered(played(), catalogue_row(GetParam())); }

    Stage stage;
};

TEST_P(EveryProvider, DoesWhatItsTableSays) {
    Round round(stage, played(), GetParam(), row());

    EXPECT_EQ(join(round.differences(), "\n"), "");
}

TEST_P(EveryProvider, RefusesAnotherClient) {
    auto changed = row();
    changed["client_id"] = "somebody-else";
    Round round(stage, played(), GetParam(), changed);

    EXPECT_FALSE(round.sign_in());
}

TEST_P(EveryProvider, RefusesAWrongSecret) {
    auto changed = with_wrong_secret(played(), row());
    if (!changed) GTEST_SKIP() << "its clients have no secret";
    Round round(stage, played(), GetParam(), std::move(*changed));

    EXPECT_FALSE(round.sign_in());
}

TEST_P(EveryProvider, TakesThePreviousSecret) {
    if (played().behaviour().errors.client_is_vague)
        GTEST_SKIP() << "it does not say that the client is refused";
    auto changed = row();
    changed["client_secret_previous"] = played().client().secret.reveal();
    changed["client_secret"] = wrong_secret(played());
    Round round(stage, played(), GetParam(), std::move(changed));

    auto exchanged = round.sign_in();

    ASSERT_TRUE(exchanged) << exchanged.error().describe();
    auto profile = stage.database.run(round.providers().profile(GetParam(), *exchanged));
    EXPECT_TRUE(profile) << profile.error().describe() << played().last_problem();
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryProvider, testing::ValuesIn(catalogue_names()),
                         [](const auto& named) { return named.param; });

}  // namespace
}  // namespace cardea
