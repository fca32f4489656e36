#include "cardea/audit/trail.hpp"

#include <gmock/gmock.h>

#include "tests/support/database.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea::audit {
namespace {

using testing::ElementsAre;

class TrailTest : public testing::Test {
  protected:
    void write(std::string type, std::optional<std::string> account = "ada",
               std::map<std::string, std::string> detail = {}) {
        Event event;
        event.type = std::move(type);
        event.account_id = std::move(account);
        event.origin = {"ada", "192.0.2.1", "req-1", reference};
        event.detail = std::move(detail);
        ASSERT_TRUE(database.run(trail.write(*database, std::move(event))));
    }
    Page list(Filter filter = {}, std::string cursor = "", int limit = 50) {
        auto page = database.run(trail.list(*database, filter, cursor, limit));
        EXPECT_TRUE(page);
        return page ? *page : Page{};
    }
    static std::vector<std::string> types(const Page& page) {
        std::vector<std::string> result;
        result.reserve(page.items.size());
        for (const auto& entry : page.items) result.push_back(entry.type);
        return result;
    }

    std::string reference;  // of what is written next
    TestDatabase database;
    FakeClock clock;
    SeededRandom random;
    Trail trail{clock, random};
};

TEST_F(TrailTest, KeepsWhoWhatWhenAndFromWhere) {
    write("session.opened", "ada", {{"method", "password"}});

    auto page = list();

    ASSERT_EQ(page.items.size(), 1u);
    const auto& entry = page.items[0];
    EXPECT_EQ(entry.type, "session.opened");
    EXPECT_EQ(entry.account_id, "ada");
    EXPECT_EQ(entry.actor, "ada");
    EXPECT_EQ(entry.client_address, "192.0.2.1");
    EXPECT_EQ(entry.request_id, "req-1");
    EXPECT_EQ(entry.at, clock.now());
    EXPECT_EQ(entry.detail.at("method"), "password");
}

TEST_F(TrailTest, ListsInTheOrderOfWhatHappenedWithinOneMillisecond) {
    for (int i = 0; i < 100; ++i) write("event." + std::to_string(i));

    auto page = list({}, "", 100);

    ASSERT_EQ(page.items.size(), 100u);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(page.items[static_cast<std::size_t>(i)].type, "event." + std::to_string(99 - i));
}

TEST_F(TrailTest, KeepsTheOrderBeyond4096EventsInOneMillisecond) {
    for (int i = 0; i < 4100; ++i) {
        Event event;
        event.type = std::to_string(i);
        ASSERT_TRUE(database.run(trail.write(*database, std::move(event))));
    }

    EXPECT_THAT(types(list({}, "", 5)), ElementsAre("4099", "4098", "4097", "4096", "4095"));
}

TEST_F(TrailTest, KeepsTheOrderWhenTheClockGoesBack) {
    write("first");
    clock.advance(-24h);
    write("second");

    EXPECT_THAT(types(list()), ElementsAre("second", "first"));
}

TEST_F(TrailTest, ListsOneAccountOrOneType) {
    write("a", "ada");
    write("b", "ada");
    write("a", "bob");
    write("c", std::nullopt);

    EXPECT_THAT(types(list({.account_id = "ada"})), ElementsAre("b", "a"));
    EXPECT_THAT(types(list({.type = "a"})), ElementsAre("a", "a"));
    EXPECT_THAT(types(list({.account_id = "bob", .type = "a"})), ElementsAre("a"));
    EXPECT_EQ(list().items.size(), 4u);
}

TEST_F(TrailTest, ListsWhatBelongsToOneReference) {
    write("before");
    reference = "3f9a0c51d2";
    write("sign_in.failed");
    reference = "0000000000";
    write("another");

    EXPECT_THAT(types(list({.reference = "3f9a0c51d2"})), ElementsAre("sign_in.failed"));
    EXPECT_EQ(list({.reference = "3f9a0c51d2"}).items.at(0).reference, "3f9a0c51d2");
    EXPECT_THAT(types(list({.reference = "ffffffffff"})), ElementsAre());
}

TEST_F(TrailTest, GoesOnWhereThePageBeforeEnded) {
    for (int i = 0; i < 5; ++i) write(std::to_string(i));

    auto first = list({}, "", 2);
    auto second = list({}, first.next_cursor.value(), 2);
    auto third = list({}, second.next_cursor.value(), 2);

    EXPECT_THAT(types(first), ElementsAre("4", "3"));
    EXPECT_THAT(types(second), ElementsAre("2", "1"));
    EXPECT_THAT(types(third), ElementsAre("0"));
    EXPECT_FALSE(third.next_cursor);
}

TEST_F(TrailTest, HasNoNextPageWhenTheLastOneIsFull) {
    write("a");
    write("b");

    EXPECT_FALSE(list({}, "", 2).next_cursor);
}

TEST_F(TrailTest, CutsLongTexts) {
    write("a", "ada", {{"agent", std::string(10'000, 'x')}});

    EXPECT_EQ(list().items[0].detail.at("agent").size(), 200u);
}

TEST_F(TrailTest, HoldsHostileTextsAsTheyAre) {
    std::string hostile = "'); DROP TABLE events;-- \"\r\n\x1b[31m";
    write("a", "ada", {{"name", hostile}});

    EXPECT_EQ(list().items[0].detail.at("name"), hostile);
}

TEST_F(TrailTest, GoesWithTheTransactionThatItIsPartOf) {
    auto roll_back = [](db::Database& on, Trail& into) -> Task<void> {
        auto transaction = co_await on.begin();
        Event event;
        event.type = "never";
        co_return co_await into.write(**transaction, std::move(event));
    };

    ASSERT_TRUE(database.run(roll_back(*database, trail)));

    EXPECT_TRUE(list().items.empty());
}

TEST_F(TrailTest, ForgetsThePersonAndKeepsTheFact) {
    write("a", "ada", {{"email", "ada@example.org"}});
    write("a", "bob", {{"email", "bob@example.org"}});

    ASSERT_TRUE(database.run(trail.forget(*database, "ada")));

    auto page = list();
    EXPECT_EQ(page.items[0].detail.at("email"), "bob@example.org");
    EXPECT_EQ(page.items[1].account_id, "ada");
    EXPECT_TRUE(page.items[1].detail.empty());
    EXPECT_EQ(page.items[1].client_address, "");
}

TEST_F(TrailTest, SweepsWhatIsOldInSmallBatches) {
    for (int i = 0; i < 3; ++i) write("old");
    clock.advance(1h);
    write("new");

    EXPECT_EQ(*database.run(trail.sweep(*database, clock.now(), 2)), 2u);
    EXPECT_EQ(*database.run(trail.sweep(*database, clock.now(), 2)), 1u);
    EXPECT_EQ(*database.run(trail.sweep(*database, clock.now(), 2)), 0u);

    EXPECT_THAT(types(list()), ElementsAre("new"));
}

}  // namespace
}  // namespace cardea::audit
