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
    bool is_key = played().behaviour().client_auth == emulator::ClientProof::signed_secret;
    changed["client_secret"] =
        is_key ? crypto::SignatureKey::generate_ec(crypto::Curve::p256).to_private_pem().reveal()
               : "another secret that nobody registered";
    Round round(stage, played(), GetParam(), changed);

    EXPECT_FALSE(round.sign_in());
}

INSTANTIATE_TEST_SUITE_P(Catalogue, EveryProvider, testing::ValuesIn(catalogue_names()),
                         [](const auto& named) { return named.param; });

}  // namespace
}  // namespace cardea
