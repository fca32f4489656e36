// Taking connections away, and deleting accounts.
#include <gmock/gmock.h>

#include "tests/support/world.hpp"

namespace cardea {
namespace {

using testing::ElementsAre;

class LeavingFlowTest : public testing::Test {
  protected:
    std::vector<vault::Connection> connections() {
        return world.run(world.vault.list(*world.database, alice.whoami())).value();
    }
    std::string connection_to(std::string_view provider) {
        for (const auto& one : connections()) {
            if (one.provider == provider) return one.id;
        }
        return "none";
    }
    Result<void> unlink(std::string account_id, std::string connection_id) {
        return world.run(world.leaving.unlink(account_id, connection_id, {account_id, "", ""}));
    }
    Result<void> remove(std::string account_id) {
        return world.run(world.leaving.remove_account(account_id, {account_id, "192.0.2.1", ""}));
    }

    World world;
    Browser alice{world};
};

TEST_F(LeavingFlowTest, KeepsTheLastWayIn) {
    ASSERT_TRUE(alice.sign_in_with("idp"));

    EXPECT_EQ(refusal(unlink(alice.whoami(), connections().at(0).id)), "account.last_way_in");
    EXPECT_EQ(connections().size(), 1u);
}

TEST_F(LeavingFlowTest, UnlinksWhenThereIsAPassword) {
    ASSERT_TRUE(alice.sign_up("ada@example.org"));
    ASSERT_TRUE(alice.link("idp"));

    ASSERT_TRUE(unlink(alice.whoami(), connections().at(0).id));

    EXPECT_TRUE(connections().empty());
    EXPECT_NE(alice.whoami(), "session.unknown") << "the session goes on";
}

TEST_F(LeavingFlowTest, SaysInTheTrailWhichIdentityIsGone) {
    ASSERT_TRUE(alice.sign_up("ada@example.org"));
    auto id = alice.whoami();
    ASSERT_TRUE(alice.link("idp"));
    ASSERT_TRUE(unlink(id, connections().at(0).id));

    audit::Filter filter{.account_id = id, .type = "connection.unlinked"};
    auto page = world.run(world.trail.list(*world.database, filter, "", 10)).value();

    ASSERT_EQ(page.items.size(), 1u);
    EXPECT_EQ(page.items[0].actor, id);
    EXPECT_EQ(page.items[0].detail.at("issuer"), "https://idp.example");
    EXPECT_EQ(page.items[0].detail.at("subject"), "user-1");
}

TEST_F(LeavingFlowTest, UnlinksAllConnectionsButOne) {
    ASSERT_TRUE(alice.sign_in_with("idp"));
    world.other.user.email = std::nullopt;
    ASSERT_TRUE(alice.link("other"));

    EXPECT_TRUE(unlink(alice.whoami(), connections().at(0).id));
    EXPECT_EQ(refusal(unlink(alice.whoami(), connections().at(0).id)), "account.last_way_in");
}

TEST_F(LeavingFlowTest, DoesNotCountConnectionsToProvidersThatAreSwitchedOff) {
    ASSERT_TRUE(alice.sign_in_with("idp"));
    world.other.user.email = std::nullopt;
    ASSERT_TRUE(alice.link("other"));
    schema::JsonObject off{{"enabled", false}};
    ASSERT_TRUE(world.run(world.providers.add("other", std::move(off))));

    EXPECT_EQ(refusal(unlink(alice.whoami(), connection_to("idp"))), "account.last_way_in");
    EXPECT_TRUE(unlink(alice.whoami(), connection_to("other"))) << "what opens nothing may go";
}

TEST_F(LeavingFlowTest, UnlinksOnlyOnesOwnConnections) {
    ASSERT_TRUE(alice.sign_in_with("idp"));
    auto connection = connections().at(0).id;
    Browser eve(world);
    ASSERT_TRUE(eve.sign_up("eve@example.org"));

    EXPECT_EQ(refusal(unlink(eve.whoami(), connection)), "vault.connection_missing");
    EXPECT_EQ(refusal(unlink(eve.whoami(), "none")), "vault.connection_missing");
    EXPECT_EQ(connections().size(), 1u);
}

TEST_F(LeavingFlowTest, RevokesAtTheProviderInTheBackground) {
    ASSERT_TRUE(alice.sign_up("ada@example.org"));
    ASSERT_TRUE(alice.link("idp"));

    ASSERT_TRUE(unlink(alice.whoami(), connections().at(0).id));
    world.settle();

    EXPECT_EQ(world.idp.revoked.size(), 1u);
}

TEST_F(LeavingFlowTest, RevokesCompanionsToo) {
    schema::JsonObject params{{"resource", "https://files.example"}};
    schema::JsonObject row{{"renewal", {{"companions", {{"files", {{"params", params}}}}}}}};
    ASSERT_TRUE(world.run(world.providers.add("idp", std::move(row))));
    ASSERT_TRUE(alice.sign_up("ada@example.org"));
    ASSERT_TRUE(alice.link("idp"));
    auto id = connections().at(0).id;
    auto files = world.run(world.vault.companion_token(id, "files")).value();
    auto token = files.access_token.reveal();
    ASSERT_TRUE(world.idp.is_live(token));

    ASSERT_TRUE(unlink(alice.whoami(), id));
    world.settle();

    EXPECT_FALSE(world.idp.is_live(token));
}

TEST_F(LeavingFlowTest, GoesOnWhenTheProviderDoesNotAnswer) {
    ASSERT_TRUE(alice.sign_up("ada@example.org"));
    ASSERT_TRUE(alice.link("idp"));
    world.idp.fail("revocation", FakeProvider::Failure::hang);

    EXPECT_TRUE(unlink(alice.whoami(), connections().at(0).id));
    world.settle();

    EXPECT_TRUE(connections().empty());
}

TEST_F(LeavingFlowTest, SignsInAnewAfterUnlinking) {
    ASSERT_TRUE(alice.sign_up("ada@example.org"));
    auto id = alice.whoami();
    ASSERT_TRUE(alice.link("idp"));
    ASSERT_TRUE(unlink(id, connections().at(0).id));
    Browser phone(world);

    ASSERT_TRUE(phone.sign_in_with("idp"));

    EXPECT_NE(phone.whoami(), id);
}

TEST_F(LeavingFlowTest, DeletesEverything) {
    ASSERT_TRUE(alice.sign_up("ada@example.org"));
    auto id = alice.whoami();
    ASSERT_TRUE(alice.link("idp"));
    auto pending = world.idp.authorize(alice.begin("idp", id).value());

    ASSERT_TRUE(remove(id));
    world.settle();

    for (auto table : {"accounts", "sessions", "connections", "verifications"})
        EXPECT_EQ(world.count(table), 0u) << table;
    EXPECT_EQ(alice.whoami(), "session.unknown");
    EXPECT_EQ(refusal(alice.sign_in("ada@example.org")), "sign_in.credentials_wrong");
    EXPECT_EQ(refusal(alice.finish("idp", pending)), "oauth.state_mismatch");
    EXPECT_EQ(world.idp.revoked.size(), 1u);
    EXPECT_EQ(refusal(remove(id)), "account.missing");
}

TEST_F(LeavingFlowTest, ForgetsWhoWasDeletedAndKeepsThatItHappened) {
    ASSERT_TRUE(alice.sign_up("ada@example.org"));
    auto id = alice.whoami();

    ASSERT_TRUE(remove(id));

    audit::Filter filter{id, std::nullopt};
    auto page = world.run(world.trail.list(*world.database, filter, "", 50)).value();
    EXPECT_THAT(world.events(id),
                ElementsAre("account.created", "session.opened", "account.removed"));
    for (const auto& entry : page.items) {
        EXPECT_EQ(entry.client_address, "");
        EXPECT_TRUE(entry.detail.empty());
    }
}

TEST_F(LeavingFlowTest, IsSomebodyNewWhoComesBackAfterDeleting) {
    ASSERT_TRUE(alice.sign_in_with("idp"));
    auto id = alice.whoami();
    ASSERT_TRUE(remove(id));

    ASSERT_TRUE(alice.sign_in_with("idp"));

    EXPECT_NE(alice.whoami(), id);
}

}  // namespace
}  // namespace cardea
