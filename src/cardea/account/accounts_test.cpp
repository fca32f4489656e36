#include "cardea/account/accounts.hpp"

#include <gmock/gmock.h>

#include "tests/support/database.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea::account {
namespace {

class AccountsTest : public testing::Test {
  protected:
    static Email email(std::string_view text) { return Email::parse(text).value(); }
    static NewAccount person(std::string_view address) {
        NewAccount account;
        account.email = email(address);
        account.password_hash = SecretText("$2b$hash");
        return account;
    }
    static NewAccount invitation(std::string_view address) {
        NewAccount account;
        account.email = email(address);
        account.invitation = true;
        return account;
    }
    Account create(NewAccount account) {
        return database.run(accounts.create(*database, std::move(account))).value();
    }
    Result<Account> find(std::string id) { return database.run(accounts.find(*database, id)); }
    Result<Account> update(const std::string& id, Changes changes) {
        return database.run(accounts.update(*database, id, std::move(changes)));
    }

    TestDatabase database;
    FakeClock clock;
    SeededRandom random;
    Accounts accounts{clock, random};
};

TEST_F(AccountsTest, RefuseATakenAddressInAnyDisguise) {
    create(person("title@example.org"));

    for (auto disguise : {"title@example.org", "TITLE@Example.Org.", "t\u0131tle@example.org"}) {
        auto second = database.run(accounts.create(*database, person(disguise)));
        ASSERT_FALSE(second) << disguise;
        EXPECT_TRUE(second.error().is(email_taken));
    }
    EXPECT_EQ(*database.run(accounts.count(*database)), 1u);
}

TEST_F(AccountsTest, GoOnInATransactionThatMetATakenAddress) {
    create(person("ada@example.org"));
    auto story = [](db::Database& on, Accounts& into, NewAccount taken,
                    NewAccount fresh) -> Task<bool> {
        auto transaction = co_await on.begin();
        auto refused = co_await into.create(**transaction, std::move(taken));
        auto made = co_await into.create(**transaction, std::move(fresh));
        auto done = co_await (*transaction)->commit();
        co_return !refused && made && done;
    };

    EXPECT_TRUE(*database.run(
        story(*database, accounts, person("ada@example.org"), person("bob@example.org"))));
    EXPECT_TRUE(database.run(accounts.find_by_email(*database, email("bob@example.org"))));
}

TEST_F(AccountsTest, FailWithMissingForWhatIsNotThere) {
    EXPECT_TRUE(find("nobody").error().is(missing));
    EXPECT_TRUE(
        database.run(accounts.find_by_email(*database, email("a@b.example"))).error().is(missing));
    EXPECT_TRUE(database.run(accounts.find_credential(*database, email("a@b.example")))
                    .error()
                    .is(missing));
    EXPECT_TRUE(database.run(accounts.disable(*database, "nobody")).error().is(missing));
    EXPECT_TRUE(database.run(accounts.enable(*database, "nobody")).error().is(missing));
    EXPECT_TRUE(database.run(accounts.remove(*database, "nobody")).error().is(missing));
    EXPECT_TRUE(database.run(accounts.set_roles(*database, "nobody", {})).error().is(missing));
    EXPECT_TRUE(database.run(accounts.set_password(*database, "nobody", SecretText("h")))
                    .error()
                    .is(missing));
    EXPECT_TRUE(update("nobody", {}).error().is(missing));
}

TEST_F(AccountsTest, KeepWhatTheyWereMadeWith) {
    auto made = person("Ada@example.org");
    made.email_verified = true;
    made.name = "Ada '); DROP TABLE accounts;--";
    made.picture = "https://example.org/ada.png";
    made.roles = Roles::parse({"editor", "admin", "editor"}).value();

    auto account = find(create(std::move(made)).id).value();

    EXPECT_EQ(account.email, "Ada@example.org");
    EXPECT_TRUE(account.email_verified);
    EXPECT_EQ(account.name, "Ada '); DROP TABLE accounts;--");
    EXPECT_EQ(account.picture, "https://example.org/ada.png");
    EXPECT_TRUE(account.has_password);
    EXPECT_THAT(account.roles.words(), testing::ElementsAre("admin", "editor"));
    EXPECT_TRUE(account.roles.has(admin));
    EXPECT_EQ(account.created_at, clock.now());
    EXPECT_FALSE(account.is_disabled());
    EXPECT_FALSE(account.is_invitation());
}

TEST_F(AccountsTest, MayBeManyWithoutAnAddress) {
    create({});
    auto second = create({});

    EXPECT_FALSE(find(second.id)->email);
    EXPECT_FALSE(find(second.id)->has_password);
}

TEST_F(AccountsTest, GiveTheHashOnlyWhereItIsAskedFor) {
    auto id = create(person("ada@example.org")).id;

    auto by_email = database.run(accounts.find_credential(*database, email("ADA@example.org")));
    auto by_id = database.run(accounts.find_credential(*database, id));

    EXPECT_EQ(by_email->password_hash->reveal(), "$2b$hash");
    EXPECT_EQ(by_email->account.id, id);
    EXPECT_EQ(by_id->password_hash->reveal(), "$2b$hash");
}

TEST_F(AccountsTest, HaveNoHashWithoutAPassword) {
    auto id = create({}).id;

    EXPECT_FALSE(database.run(accounts.find_credential(*database, id))->password_hash);
}

TEST_F(AccountsTest, ChangeOnlyWhatIsNamed) {
    auto made = person("ada@example.org");
    made.name = "Ada";
    made.picture = "https://example.org/ada.png";
    auto id = create(std::move(made)).id;
    clock.advance(1min);

    Changes changes;
    changes.name = "";
    auto account = update(id, changes).value();

    EXPECT_EQ(account.name, "");
    EXPECT_EQ(account.picture, "https://example.org/ada.png");
    EXPECT_EQ(account.email, "ada@example.org");
    EXPECT_EQ(account.updated_at, clock.now());
}

TEST_F(AccountsTest, DoNotTakeAnotherOnesAddress) {
    create(person("ada@example.org"));
    auto bob = create(person("bob@example.org"));

    Changes changes;
    changes.email = email("ADA@example.org");
    auto refused = update(bob.id, changes);

    EXPECT_TRUE(refused.error().is(email_taken));
    EXPECT_EQ(find(bob.id)->email, "bob@example.org");
}

TEST_F(AccountsTest, HaveANewAddressUnproven) {
    auto made = person("ada@example.org");
    made.email_verified = true;
    auto id = create(std::move(made)).id;

    Changes changes;
    changes.email = email("ada@example.com");

    EXPECT_FALSE(update(id, changes)->email_verified);
    EXPECT_EQ(find(id)->email, "ada@example.com");
}

TEST_F(AccountsTest, KeepAnAddressProvenThatIsOnlyWrittenDifferently) {
    auto made = person("ada@example.org");
    made.email_verified = true;
    auto id = create(std::move(made)).id;

    Changes changes;
    changes.email = email("Ada@example.org");

    EXPECT_TRUE(update(id, changes)->email_verified);
    EXPECT_EQ(find(id)->email, "Ada@example.org");
}

TEST_F(AccountsTest, AreDisabledAndEnabled) {
    auto id = create(person("ada@example.org")).id;
    auto disabled_at = clock.now();

    EXPECT_TRUE(database.run(accounts.disable(*database, id))->is_disabled());
    clock.advance(1h);
    EXPECT_EQ(database.run(accounts.disable(*database, id))->disabled_at, disabled_at);
    EXPECT_FALSE(database.run(accounts.enable(*database, id))->is_disabled());
}

TEST_F(AccountsTest, UpgradeAHashOnlyWhileThePasswordIsTheSame) {
    auto id = create(person("ada@example.org")).id;
    auto upgrade = [&](std::string from, std::string to) {
        return database.run(accounts.upgrade_password(*database, id, SecretText(std::move(from)),
                                                      SecretText(std::move(to))));
    };

    EXPECT_TRUE(upgrade("$2b$hash", "$2b$stronger"));
    EXPECT_TRUE(upgrade("$2b$hash", "$2b$late"));

    auto credential = database.run(accounts.find_credential(*database, id));
    EXPECT_EQ(credential->password_hash->reveal(), "$2b$stronger");
}

TEST_F(AccountsTest, AreClaimedOnceWhenTheyAreInvitations) {
    auto id = create(invitation("ada@example.org")).id;
    EXPECT_TRUE(find(id)->is_invitation());

    auto won = database.run(accounts.claim(*database, id, person("Ada@example.org")));
    auto lost = database.run(accounts.claim(*database, id, person("ada@example.org")));

    ASSERT_TRUE(won);
    EXPECT_EQ(won->email, "Ada@example.org");
    EXPECT_TRUE(won->has_password);
    EXPECT_FALSE(won->is_invitation());
    EXPECT_TRUE(lost.error().is(email_taken));
}

TEST_F(AccountsTest, AreNotClaimedWhileTheyAreDisabledOrNoInvitations) {
    auto disabled = create(invitation("ada@example.org")).id;
    ASSERT_TRUE(database.run(accounts.disable(*database, disabled)));
    auto own = create({}).id;

    EXPECT_FALSE(database.run(accounts.claim(*database, disabled, person("ada@example.org"))));
    EXPECT_FALSE(database.run(accounts.claim(*database, own, person("bob@example.org"))));
}

TEST_F(AccountsTest, LoseAddressAndPasswordToWhoProvesThatItIsTheirs) {
    auto id = create(person("ada@example.org")).id;

    ASSERT_TRUE(database.run(accounts.release_email(*database, id)));

    EXPECT_FALSE(find(id)->email);
    EXPECT_FALSE(find(id)->has_password);
    EXPECT_NE(create(person("ada@example.org")).id, id);
}

TEST_F(AccountsTest, ProveOnlyTheAddressThatTheyHave) {
    auto id = create(person("ada@example.org")).id;

    auto other = database.run(
        accounts.verify_email(*database, id, email("ada@example.com"), AddressProof::claimed));
    EXPECT_TRUE(other.error().is(missing));
    EXPECT_FALSE(find(id)->email_verified);

    EXPECT_TRUE(database.run(
        accounts.verify_email(*database, id, email("ada@example.org"), AddressProof::claimed)));
    EXPECT_TRUE(find(id)->email_verified);
}

TEST_F(AccountsTest, AreGoneWhenRemoved) {
    auto id = create(person("ada@example.org")).id;

    ASSERT_TRUE(database.run(accounts.remove(*database, id)));

    EXPECT_TRUE(find(id).error().is(missing));
}

TEST_F(AccountsTest, AreListedOldestFirstPageByPage) {
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i) {
        clock.advance(1ms);
        ids.push_back(create(person(std::to_string(i) + "@example.org")).id);
    }

    std::vector<std::string> seen;
    std::string cursor;
    for (int pages = 0; pages < 3; ++pages) {
        auto page = database.run(accounts.list(*database, {}, cursor, 2)).value();
        for (const auto& account : page.items) seen.push_back(account.id);
        cursor = page.next_cursor.value_or("");
    }

    EXPECT_EQ(seen, ids);
    EXPECT_EQ(cursor, "");
}

TEST_F(AccountsTest, AreListedByAddress) {
    create(person("ada@example.org"));
    create(person("bob@example.org"));
    Filter filter{email("BOB@example.org")};
    Filter nobody{email("eve@example.org")};

    auto page = database.run(accounts.list(*database, filter, "", 50)).value();

    ASSERT_EQ(page.items.size(), 1u);
    EXPECT_EQ(page.items[0].email, "bob@example.org");
    EXPECT_TRUE(database.run(accounts.list(*database, nobody, "", 50))->items.empty());
}

TEST(Roles, RefuseWhatIsNoWord) {
    for (auto word : {"", "Admin", "two words", "a,b", "ünder", "'--"}) {
        EXPECT_TRUE(Roles::parse({word}).error().is(role_malformed)) << word;
    }
    EXPECT_FALSE(Roles::parse({std::string(33, 'a')}));
    std::vector<std::string> many(17);
    for (std::size_t i = 0; i < many.size(); ++i) many[i] = "role" + std::to_string(i);
    EXPECT_FALSE(Roles::parse(many));
}

TEST(Roles, DoNotTakeAPartForTheWhole) {
    auto roles = Roles::parse({"admins", "not-admin"}).value();

    EXPECT_FALSE(roles.has(admin));
}

}  // namespace
}  // namespace cardea::account
