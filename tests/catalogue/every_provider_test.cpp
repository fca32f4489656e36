// Every provider of the catalogue signs in, renews, reads a profile and revokes against the
// emulator.
#include <gtest/gtest.h>

#include "cardea/base/text.hpp"
#include "cardea/crypto/signature.hpp"
#include "cardea/provider/catalogue.hpp"
#include "tests/catalogue/round.hpp"

namespace cardea {
namespace {

std::vector<std::string> catalogue_names() {
    std::vector<std::string> names;
    for (const auto& [name, row] : provider::read_catalogue().value()) names.push_back(name);
    return names;
}

class EveryProvider : public testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        ASSERT_NE(stage.emulator->find(GetParam()), nullptr) << "the emulator has no table";
    }
    emulator::EmulatedProvider& played() { return *stage.emulator->find(GetParam()); }
    std::string another_secret() {
        if (played().behaviour().client_auth != emulator::ClientProof::signed_secret)
            return "another secret that nobody registered";
        return crypto::SignatureKey::generate_ec(crypto::Curve::p256).to_private_pem().reveal();
    }
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
    if (played().behaviour().client_auth == emulator::ClientProof::none)
        GTEST_SKIP() << "its clients have no secret";
    auto changed = row();
    changed["client_secret"] = another_secret();
    Round round(stage, played(), GetParam(), changed);

    EXPECT_FALSE(round.sign_in());
}

TEST_P(EveryProvider, TakesThePreviousSecret) {
    if (played().behaviour().errors.client_is_vague)
        GTEST_SKIP() << "it does not say that the client is refused";
    auto changed = row();
    changed["client_secret_previous"] = played().client().secret.reveal();
    changed["client_secret"] = another_secret();
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
