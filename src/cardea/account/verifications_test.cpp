#include "cardea/account/verifications.hpp"

#include <gtest/gtest.h>

#include "cardea/account/accounts.hpp"
#include "tests/support/database.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea::account {
namespace {

class VerificationsTest : public testing::Test {
  protected:
    static crypto::Keyring make_keyring(crypto::Random& random, std::string secret) {
        std::vector<SecretText> secrets{SecretText(std::move(secret))};
        return crypto::Keyring::from_secrets(secrets, random).value();
    }
    static NewVerification sign_in(std::string state) {
        NewVerification verification;
        verification.kind = "oauth_state";
        verification.secret = SecretText(std::move(state));
        verification.binding = SecretText("this browser");
        verification.provider = "google";
        verification.payload = SecretText("the code verifier");
        return verification;
    }
    Result<void> put(NewVerification verification) {
        return database.run(verifications.put(*database, std::move(verification)));
    }
    Result<Verification> take(std::string state, std::string kind = "oauth_state") {
        return database.run(verifications.take(*database, kind, SecretText(std::move(state))));
    }

    TestDatabase database;
    FakeClock clock;
    SeededRandom random;
    crypto::Keyring keyring = make_keyring(random, "b2tEyT0fVn3c9Qm5xWz8uJkL1oPaRsHg6iDvBqXeYfU");
    Verifications verifications{keyring, clock, 3};
};

TEST_F(VerificationsTest, AreTakenOnce) {
    ASSERT_TRUE(put(sign_in("s")));

    EXPECT_TRUE(take("s"));
    EXPECT_TRUE(take("s").error().is(verification_unknown));
}

TEST_F(VerificationsTest, AreNotTakenBySomethingElse) {
    ASSERT_TRUE(put(sign_in("s")));

    EXPECT_TRUE(take("t").error().is(verification_unknown));
    EXPECT_TRUE(take("s", "password_reset").error().is(verification_unknown));
    EXPECT_TRUE(take("s"));
}

TEST_F(VerificationsTest, EndAfterTheirLifetime) {
    ASSERT_TRUE(put(sign_in("s")));

    clock.advance(10min);

    EXPECT_TRUE(take("s").error().is(verification_expired));
}

TEST_F(VerificationsTest, LastUntilTheirLifetimeIsOver) {
    ASSERT_TRUE(put(sign_in("s")));

    clock.advance(10min - 1ms);

    EXPECT_TRUE(take("s"));
}

TEST_F(VerificationsTest, DoNotLiveLongerWhenTheClockIsSetBack) {
    ASSERT_TRUE(put(sign_in("s")));

    clock.advance(-24h);

    EXPECT_TRUE(take("s").error().is(verification_unknown));
}

TEST_F(VerificationsTest, GiveBackWhatWasToBeRemembered) {
    ASSERT_TRUE(put(sign_in("s")));

    auto taken = take("s").value();

    EXPECT_EQ(taken.payload.reveal(), "the code verifier");
    EXPECT_EQ(taken.provider, "google");
    EXPECT_FALSE(taken.account_id);
    EXPECT_EQ(taken.created_at, clock.now());
}

TEST_F(VerificationsTest, KnowTheBrowserThatTheyAreBoundTo) {
    auto unbound = sign_in("t");
    unbound.binding.reset();
    ASSERT_TRUE(put(sign_in("s")));
    ASSERT_TRUE(put(std::move(unbound)));

    auto bound = take("s").value();

    EXPECT_FALSE(bound.is_bound_to(SecretText("another browser")));
    EXPECT_FALSE(bound.is_bound_to(SecretText("")));
    EXPECT_TRUE(bound.is_bound_to(SecretText("this browser")));
    EXPECT_FALSE(take("t")->is_bound_to(SecretText("")));
}

TEST_F(VerificationsTest, StoreNeitherTheSecretNorThePayload) {
    ASSERT_TRUE(put(sign_in("a state nobody sees")));
    constexpr db::Statement everything{"test.all", "SELECT * FROM verifications"};

    auto rows = database.run(database->run(everything, db::Values())).value();

    for (const auto& value : rows.rows.at(0)) {
        auto text = value.as_text() + to_text(value.as_bytes());
        EXPECT_EQ(text.find("a state nobody sees"), text.npos);
        EXPECT_EQ(text.find("the code verifier"), text.npos);
        EXPECT_EQ(text.find("this browser"), text.npos);
    }
}

TEST_F(VerificationsTest, OpenOnlyInTheirOwnRow) {
    ASSERT_TRUE(put(sign_in("s")));
    ASSERT_TRUE(put(sign_in("t")));
    constexpr db::Statement copy{
        "test.copy",
        "UPDATE verifications SET payload = (SELECT v.payload FROM verifications v "
        "WHERE v.secret_hash <> verifications.secret_hash)"};
    ASSERT_TRUE(database.run(database->run(copy, db::Values())));

    EXPECT_TRUE(take("s").error().is(crypto::not_opened));
}

TEST_F(VerificationsTest, AreFoundByTheirReferenceWhileTheyArePending) {
    auto find = [&](std::string reference) {
        return database.run(verifications.find_pending(*database, std::move(reference))).value();
    };
    auto reference = Verifications::reference_of(SecretText("s"));
    EXPECT_EQ(find(reference), std::nullopt);
    ASSERT_TRUE(put(sign_in("s")));
    ASSERT_TRUE(put(sign_in("t")));

    EXPECT_EQ(reference.size(), 10u);
    EXPECT_EQ(find(reference), clock.now());
    for (auto text : {"", "xyz", "00", "ffffffffff", "0000000000", "00000000000000"}) {
        EXPECT_EQ(find(text), std::nullopt) << text;
    }
    ASSERT_TRUE(take("s"));
    EXPECT_EQ(find(reference), std::nullopt);
}

TEST_F(VerificationsTest, AreBoundedInNumber) {
    for (auto state : {"a", "b", "c"}) ASSERT_TRUE(put(sign_in(state)));

    EXPECT_TRUE(put(sign_in("d")).error().is(verifications_full));
    EXPECT_TRUE(take("a"));
    EXPECT_TRUE(put(sign_in("d")));
}

TEST_F(VerificationsTest, AreCountedWhoeverPutThem) {
    Verifications others(keyring, clock, 10);
    ASSERT_TRUE(put(sign_in("a")));
    for (auto state : {"b", "c", "d"})
        ASSERT_TRUE(database.run(others.put(*database, sign_in(state))));

    EXPECT_TRUE(put(sign_in("e"))) << "counted less than a second ago";
    clock.advance(1s);
    EXPECT_TRUE(put(sign_in("f")).error().is(verifications_full));
}

TEST_F(VerificationsTest, TellBeforehandWhetherThereIsRoom) {
    auto make_room = [&](std::string kind) {
        return database.run(verifications.make_room(*database, std::move(kind)));
    };
    for (auto state : {"a", "b", "c"}) ASSERT_TRUE(put(sign_in(state)));

    auto refused = make_room("oauth_state");
    EXPECT_TRUE(refused.error().is(verifications_full));
    EXPECT_TRUE(refused.error().retry_after());
    EXPECT_TRUE(make_room("password_reset"));
    clock.advance(10min);
    EXPECT_TRUE(make_room("oauth_state"));
}

TEST_F(VerificationsTest, MakeRoomByWhatHasExpired) {
    for (auto state : {"a", "b", "c"}) ASSERT_TRUE(put(sign_in(state)));

    clock.advance(10min);

    EXPECT_TRUE(put(sign_in("d")));
}

TEST_F(VerificationsTest, AreSweptInSmallBatches) {
    for (auto state : {"a", "b"}) ASSERT_TRUE(put(sign_in(state)));
    clock.advance(10min);
    ASSERT_TRUE(put(sign_in("c")));

    EXPECT_EQ(*database.run(verifications.sweep(*database, 1)), 1u);
    EXPECT_EQ(*database.run(verifications.sweep(*database, 10)), 1u);
    EXPECT_EQ(*database.run(verifications.sweep(*database, 10)), 0u);
    EXPECT_TRUE(take("c"));
}

TEST_F(VerificationsTest, GoWithTheirAccount) {
    Accounts accounts(clock, random);
    auto account = database.run(accounts.create(*database, {})).value();
    auto linking = sign_in("s");
    linking.account_id = account.id;
    ASSERT_TRUE(put(std::move(linking)));

    ASSERT_TRUE(database.run(accounts.remove(*database, account.id)));

    EXPECT_TRUE(take("s").error().is(verification_unknown));
}

}  // namespace
}  // namespace cardea::account
