#include "cardea/session/sessions.hpp"

#include <gmock/gmock.h>

#include "cardea/crypto/id.hpp"
#include "tests/support/database.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/temp_folder.hpp"

namespace cardea::session {
namespace {

constexpr db::Statement insert_account{
    "test.account",
    "INSERT INTO accounts (id, email, email_key, email_verified, name, picture, password_hash, "
    "roles, created_at, updated_at) "
    "VALUES ($1, $2, $2, TRUE, 'Ada', '', 'hash', 'admin editor', 1000, 1000)"};
constexpr db::Statement disable_account{"test.disable",
                                        "UPDATE accounts SET disabled_at = 1 WHERE id = $1"};
constexpr db::Statement delete_account{"test.remove", "DELETE FROM accounts WHERE id = $1"};
constexpr db::Statement end_session{"test.end", "DELETE FROM sessions WHERE id = $1"};
constexpr db::Statement count_sessions{"test.count", "SELECT COUNT(*) AS count FROM sessions"};
constexpr db::Statement all_sessions{"test.all", "SELECT * FROM sessions"};

/// Passes everything on, until it is told to fail; counts what reads a session.
class Troubled final : public db::Database {
  public:
    explicit Troubled(db::Database& inner) : inner_(inner) {}
    Task<db::Rows> run(db::Statement statement, db::Values values) override {
        bool fails = statement.reads() ? fail_reads : fail_writes;
        if (fails) co_return fail(db::unavailable);
        if (statement.name == "session.find") ++reads;
        co_return co_await inner_.run(statement, std::move(values));
    }
    Task<std::unique_ptr<db::Transaction>> begin() override { return inner_.begin(); }
    Task<Instant> server_now() override { return inner_.server_now(); }
    std::optional<std::uint64_t> data_version() override {
        return blind ? std::nullopt : inner_.data_version();
    }
    Task<void> ping() override { return inner_.ping(); }
    void close() override {}

    bool fail_reads = false;
    bool fail_writes = false;
    bool blind = false;
    int reads = 0;

  private:
    db::Database& inner_;
};

class SessionsTest : public testing::Test {
  protected:
    SessionsTest() {
        settings.idle_limit = 10h;
        settings.absolute_limit = 24h;
        for (auto account : {"ada", "bob"}) write(insert_account, account, account);
        sessions.emplace(*database, clock, random, background, settings);
    }
    void TearDown() override { settle(); }

    template <class... V>
    db::Rows write(const db::Statement& statement, V... values) {
        return database.run(database->run(statement, db::Values{values...})).value();
    }
    Opened open(std::string account = "ada") {
        NewSession session;
        session.account_id = std::move(account);
        session.method = "password";
        session.device = "Ada's phone";
        session.client_address = "192.0.2.1";
        return database.run(sessions->open(*database, std::move(session))).value();
    }
    Result<SessionPointer> find(SecretText token) { return database.run(sessions->find(token)); }
    Result<SessionPointer> find(const Opened& opened) { return find(opened.token); }
    std::string slug(SecretText token) {
        auto found = find(std::move(token));
        return found ? "found" : std::string(found.error().reason().slug);
    }
    std::string slug(const Opened& opened) { return slug(opened.token); }
    bool is_cached(const Opened& opened) {
        return sessions->find_cached(opened.token.reveal()) != nullptr;
    }
    /// Has sessions use a database that can be put in trouble.
    Troubled& use_troubled() {
        troubled_.emplace(*database);
        sessions.emplace(*troubled_, clock, random, background, settings);
        return *troubled_;
    }
    void settle() { ASSERT_TRUE(database.run(background.wait_until_empty())); }
    std::int64_t stored() { return write(count_sessions).rows[0][0].as_integer(); }

    TestDatabase database;
    FakeClock clock;
    SeededRandom random;
    runtime::TaskGroup background{database.io.get_executor()};
    Settings settings;
    std::optional<Troubled> troubled_;
    std::optional<Sessions> sessions;
};

TEST_F(SessionsTest, AreMissingWithoutAToken) {
    EXPECT_EQ(slug(SecretText()), "session.missing");
}

TEST_F(SessionsTest, RefuseEveryTamperedToken) {
    auto token = open().token.reveal();

    for (std::size_t i = 0; i < token.size(); ++i) {
        auto tampered = token;
        tampered[i] = tampered[i] == 'A' ? 'B' : 'A';
        EXPECT_EQ(slug(SecretText(tampered)), "session.unknown") << i;
    }
    EXPECT_EQ(slug(SecretText(token.substr(0, 20))), "session.unknown");
    EXPECT_EQ(slug(SecretText('"' + token + '"')), "session.unknown");
    EXPECT_EQ(slug(SecretText(std::string(1'000'000, 'A'))), "session.unknown");
}

TEST_F(SessionsTest, NeverAdoptATokenThatWasNotGivenOut) {
    auto planted = crypto::make_token(Sessions::token_prefix, random);

    EXPECT_EQ(slug(planted), "session.unknown");
    EXPECT_EQ(stored(), 0);
}

TEST_F(SessionsTest, EndAfterTheIdleLimit) {
    auto session = open();

    clock.advance(10h);

    EXPECT_EQ(slug(session), "session.expired");
}

TEST_F(SessionsTest, EndAfterTheIdleLimitAlsoInTheCache) {
    auto session = open();
    ASSERT_EQ(slug(session), "found");
    ASSERT_TRUE(is_cached(session));

    clock.advance(10h);

    EXPECT_FALSE(is_cached(session));
    EXPECT_EQ(slug(session), "session.expired");
}

TEST_F(SessionsTest, LiveUntilTheIdleLimit) {
    auto session = open();

    clock.advance(10h - 1ms);

    EXPECT_EQ(slug(session), "found");
}

TEST_F(SessionsTest, EndAtTheAbsoluteLimitHoweverMuchTheyAreUsed) {
    auto session = open();
    for (int hour = 0; hour < 23; ++hour) {
        clock.advance(1h);
        ASSERT_EQ(slug(session), "found") << hour;
        settle();
    }

    clock.advance(1h);

    EXPECT_EQ(slug(session), "session.expired");
}

TEST_F(SessionsTest, TellWhoseTheyAre) {
    auto session = open();

    auto view = find(session).value();

    EXPECT_EQ(view->session.id, session.session.id);
    EXPECT_EQ(view->session.method, "password");
    EXPECT_EQ(view->session.device, "Ada's phone");
    EXPECT_EQ(view->session.client_address, "192.0.2.1");
    EXPECT_EQ(view->session.created_at, clock.now());
    EXPECT_EQ(view->account.id, "ada");
    EXPECT_EQ(view->account.email, "ada");
    EXPECT_TRUE(view->account.email_verified);
    EXPECT_TRUE(view->account.has_password);
    EXPECT_THAT(view->account.roles, testing::ElementsAre("admin", "editor"));
    EXPECT_TRUE(view->account.has_role("admin"));
    EXPECT_EQ(view->account.created_at, from_unix_ms(1000));
}

TEST_F(SessionsTest, AreStoredWithoutTheirToken) {
    auto token = open().token.reveal();
    auto rows = write(all_sessions);

    for (const auto& value : rows.rows.at(0)) {
        EXPECT_EQ(value.as_text().find(token), std::string::npos);
        EXPECT_NE(to_text(value.as_bytes()), token);
    }
}

TEST_F(SessionsTest, AreAnsweredFromTheCacheWhileNobodyWrites) {
    auto& watched = use_troubled();
    auto session = open();
    EXPECT_FALSE(is_cached(session));

    EXPECT_EQ(find(session)->get()->session.id, session.session.id);
    EXPECT_EQ(find(session)->get()->session.id, session.session.id);

    EXPECT_EQ(watched.reads, 1);
    EXPECT_EQ(sessions->cached(), 1u);
}

TEST_F(SessionsTest, AreReadAgainAfterAnySessionEndedOrAnyAccountChanged) {
    auto& watched = use_troubled();
    auto session = open();
    auto read_again = [&](auto change) {
        EXPECT_EQ(slug(session), "found");
        auto before = watched.reads;
        change();
        EXPECT_FALSE(is_cached(session));
        EXPECT_EQ(slug(session), "found");
        return watched.reads == before + 1;
    };
    auto shortened = [&](std::string column) {
        auto text = "UPDATE sessions SET " + column + " = " + column + " - 1";
        write(db::Statement{"test.shorten", text});
    };

    EXPECT_TRUE(read_again([&] { write(disable_account, "bob"); }));
    EXPECT_TRUE(read_again([&] { write(delete_account, "bob"); }));
    EXPECT_TRUE(read_again([&] { shortened("expires_at"); }));
    EXPECT_TRUE(read_again([&] { shortened("absolute_end_at"); }));
    auto other = open();
    EXPECT_TRUE(read_again([&] { write(end_session, other.session.id); }));
}

TEST_F(SessionsTest, AreAnsweredFromTheCacheAfterCommitsThatConcernNone) {
    auto& watched = use_troubled();
    auto session = open();
    EXPECT_EQ(slug(session), "found");

    write(insert_account, "eve", "eve");
    (void)open("eve");

    EXPECT_EQ(slug(session), "found");
    EXPECT_EQ(watched.reads, 1);
    EXPECT_TRUE(is_cached(session)) << "one look at the number of changes serves all";
}

TEST_F(SessionsTest, AreNotCachedWhereNobodyCountsTheChanges) {
    write(db::Statement{"test.no_count", "DELETE FROM session_changes"});
    auto session = open();

    EXPECT_EQ(slug(session), "found");
    EXPECT_EQ(slug(session), "found");
    EXPECT_FALSE(is_cached(session));
}

TEST_F(SessionsTest, OfADisabledAccountAreRefusedAtOnce) {
    auto session = open();
    ASSERT_TRUE(find(session));

    write(disable_account, "ada");

    EXPECT_EQ(slug(session), "session.unknown");
}

TEST_F(SessionsTest, OfARemovedAccountAreGone) {
    auto session = open();
    ASSERT_TRUE(find(session));

    write(delete_account, "ada");

    EXPECT_EQ(slug(session), "session.unknown");
    EXPECT_EQ(stored(), 0);
}

TEST_F(SessionsTest, AreRefusedOnceTheyHaveEnded) {
    auto session = open();
    ASSERT_TRUE(find(session));

    ASSERT_TRUE(database.run(sessions->end(*database, "ada", session.session.id)));

    EXPECT_EQ(slug(session), "session.unknown");
    EXPECT_EQ(sessions->cached(), 0u);
}

TEST_F(SessionsTest, AreEndedOnlyByTheirOwnAccount) {
    auto session = open("ada");

    auto refused = database.run(sessions->end(*database, "bob", session.session.id));

    EXPECT_TRUE(refused.error().is(not_yours));
    EXPECT_EQ(slug(session), "found");
}

TEST_F(SessionsTest, AreEndedByTheirToken) {
    auto session = open();

    auto ended = database.run(sessions->end_token(*database, session.token)).value();
    auto again = database.run(sessions->end_token(*database, session.token)).value();
    auto garbage = database.run(sessions->end_token(*database, SecretText("x"))).value();

    EXPECT_EQ(ended->id, session.session.id);
    EXPECT_FALSE(again);
    EXPECT_FALSE(garbage);
    EXPECT_EQ(slug(session), "session.unknown");
}

TEST_F(SessionsTest, EndAllButOne) {
    auto first = open();
    auto second = open();
    auto third = open();
    auto of_bob = open("bob");

    auto ended = database.run(sessions->end_others(*database, "ada", second.session.id)).value();

    EXPECT_EQ(ended, 2u);
    EXPECT_EQ(slug(first), "session.unknown");
    EXPECT_EQ(slug(second), "found");
    EXPECT_EQ(slug(third), "session.unknown");
    EXPECT_EQ(slug(of_bob), "found");
}

TEST_F(SessionsTest, AreListedNewestFirstWithoutExpiredOnes) {
    auto old = open();
    clock.advance(6h);
    auto second = open();
    clock.advance(1ms);
    auto third = open();
    open("bob");
    auto ids = [&] {
        std::vector<std::string> result;
        auto listed = database.run(sessions->list(*database, "ada")).value();
        result.reserve(listed.size());
        for (const auto& session : listed) result.push_back(session.id);
        return result;
    };

    EXPECT_THAT(ids(), testing::ElementsAre(third.session.id, second.session.id, old.session.id));
    clock.advance(4h);
    EXPECT_THAT(ids(), testing::ElementsAre(third.session.id, second.session.id));
}

TEST_F(SessionsTest, EndTheOldestWhenAnAccountHasTooMany) {
    settings.per_account = 2;
    sessions.emplace(*database, clock, random, background, settings);
    auto first = open();
    clock.advance(1min);
    auto second = open();
    clock.advance(1min);
    auto third = open();

    EXPECT_EQ(slug(first), "session.unknown");
    EXPECT_EQ(slug(second), "found");
    EXPECT_EQ(slug(third), "found");
}

TEST_F(SessionsTest, AreSweptInSmallBatchesOnceExpired) {
    open();
    open();
    clock.advance(10h);
    auto live = open();

    EXPECT_EQ(*database.run(sessions->sweep(*database, 1)), 1u);
    EXPECT_EQ(*database.run(sessions->sweep(*database, 10)), 1u);
    EXPECT_EQ(*database.run(sessions->sweep(*database, 10)), 0u);
    EXPECT_EQ(slug(live), "found");
}

TEST_F(SessionsTest, KeepADeviceNameThatCanBeShown) {
    auto device = [&](std::string name) {
        NewSession session;
        session.account_id = "ada";
        session.device = std::move(name);
        return database.run(sessions->open(*database, std::move(session)))->session.device;
    };

    EXPECT_EQ(device(" phone "), "phone");
    EXPECT_EQ(device("a\r\nb"), "");
    EXPECT_EQ(device("a\xff"), "");
    EXPECT_EQ(device(std::string(5000, 'x')).size(), 200u);
}

TEST_F(SessionsTest, HaveTokensThatNeverRepeat) {
    std::set<std::string> tokens;
    for (int i = 0; i < 200; ++i) tokens.insert(open().token.reveal());

    EXPECT_EQ(tokens.size(), 200u);
}

// Sliding.

TEST_F(SessionsTest, AreNotStoredAgainBeforeATenthOfTheIdleLimit) {
    auto session = open();
    clock.advance(1h - 1ms);
    auto before = database->data_version();

    ASSERT_TRUE(find(session));
    settle();

    EXPECT_EQ(database->data_version(), before);
}

TEST_F(SessionsTest, SlideOnceATenthOfTheIdleLimitHasPassed) {
    auto session = open();
    clock.advance(1h);

    auto before = find(session).value();
    settle();
    auto after = find(session).value();

    EXPECT_EQ(before->session.last_seen_at, clock.now() - 1h) << "not on the request's own path";
    EXPECT_EQ(after->session.last_seen_at, clock.now());
    EXPECT_EQ(after->session.expires_at, clock.now() + 10h);
}

TEST_F(SessionsTest, SlideAlsoWhenTheCacheAnswers) {
    auto session = open();
    ASSERT_TRUE(find(session));
    clock.advance(1h);
    ASSERT_TRUE(is_cached(session));
    settle();

    EXPECT_EQ(find(session).value()->session.last_seen_at, clock.now());
}

TEST_F(SessionsTest, SlideOnceForManyRequestsAtTheSameTime) {
    auto session = open();
    ASSERT_TRUE(find(session));
    clock.advance(1h);

    for (int i = 0; i < 100; ++i) (void)sessions->find_cached(session.token.reveal());

    EXPECT_EQ(background.size(), 1u);
}

TEST_F(SessionsTest, NeverSlideBeyondTheAbsoluteEnd) {
    auto session = open();
    for (int i = 0; i < 4; ++i) {
        clock.advance(5h);
        ASSERT_TRUE(find(session)) << i;
        settle();
    }

    auto view = find(session).value();

    EXPECT_EQ(view->session.expires_at, view->session.absolute_end_at);
}

TEST_F(SessionsTest, AreNotRevivedByALateWrite) {
    auto session = open();
    clock.advance(1h);
    ASSERT_TRUE(find(session));
    ASSERT_EQ(background.size(), 1u) << "the write is under way";

    ASSERT_TRUE(database.run(sessions->end(*database, "ada", session.session.id)));
    settle();

    EXPECT_EQ(slug(session), "session.unknown");
    EXPECT_EQ(stored(), 0);
}

// A clock that is set back.

TEST_F(SessionsTest, DoNotLiveLongerWhenTheClockIsSetBack) {
    auto session = open();
    ASSERT_TRUE(find(session));

    clock.advance(-24h);
    EXPECT_EQ(slug(session), "found") << "nobody is signed out by it";
    clock.advance(10h);

    EXPECT_EQ(slug(session), "session.expired");
}

TEST_F(SessionsTest, KeepTheirAbsoluteEndWhenTheClockIsSetBack) {
    auto session = open();
    for (int hour = 0; hour < 12; ++hour) {
        clock.advance(1h);
        ASSERT_TRUE(find(session));
        settle();
    }

    clock.advance(-24h);
    for (int hour = 12; hour < 24; ++hour) {
        ASSERT_TRUE(find(session)) << hour;
        settle();
        clock.advance(1h);
    }

    EXPECT_EQ(slug(session), "session.expired");
}

TEST_F(SessionsTest, MoveBackWithTheClockOnce) {
    auto session = open();
    clock.advance(-24h);

    auto moved = find(session).value();
    auto again = find(session).value();

    EXPECT_EQ(moved->session.last_seen_at, clock.now());
    EXPECT_EQ(again->session.last_seen_at, clock.now());
    EXPECT_EQ(again->session.created_at, clock.now());
    EXPECT_EQ(again->session.absolute_end_at, clock.now() + 24h);
}

TEST_F(SessionsTest, StayAsTheyAreWhenClocksDifferByALittle) {
    auto session = open();

    clock.advance(-4min);

    EXPECT_EQ(find(session).value()->session.created_at, session.session.created_at);
}

// A database in trouble, and one that somebody else writes to.

TEST_F(SessionsTest, AreNotUnknownWhenTheDatabaseCannotBeRead) {
    auto& watched = use_troubled();
    auto session = open();
    watched.fail_reads = true;

    EXPECT_EQ(slug(session), "db.unavailable");
}

TEST_F(SessionsTest, GoOnWhenNothingCanBeStored) {
    auto& watched = use_troubled();
    auto session = open();
    watched.fail_writes = true;
    clock.advance(1h);

    EXPECT_EQ(slug(session), "found");
    settle();
    EXPECT_EQ(slug(session), "found");
    EXPECT_EQ(background.size(), 0u) << "a failed write is not tried again at every request";
    watched.fail_writes = false;
    clock.advance(10s);
    EXPECT_EQ(slug(session), "found");
    settle();
    EXPECT_EQ(find(session).value()->session.last_seen_at, clock.now());
}

TEST_F(SessionsTest, AreNotCachedWhereChangesCannotBeSeen) {
    use_troubled().blind = true;
    auto session = open();

    EXPECT_EQ(slug(session), "found");
    EXPECT_FALSE(is_cached(session));
    EXPECT_EQ(sessions->cached(), 0u);
}

TEST(SessionsInAFile, AreRefusedOnceAnotherConnectionHasEndedThem) {
    TempFolder folder;
    db::sqlite::Options options;
    options.path = folder.path() + "/cardea.db";
    ASSERT_TRUE(db::sqlite::migrate(options, db::migrations()));
    asio::io_context io(1);
    auto server = db::sqlite::open(io.get_executor(), options).value();
    auto command_line = db::sqlite::open(io.get_executor(), options).value();
    FakeClock clock;
    SeededRandom random;
    runtime::TaskGroup background(io.get_executor());
    Sessions sessions(*server, clock, random, background, {});
    auto open = [&](std::string account) {
        db::Values values{account, account};
        EXPECT_TRUE(run(io, server->run(insert_account, std::move(values))));
        NewSession session;
        session.account_id = std::move(account);
        return run(io, sessions.open(*server, std::move(session))).value();
    };
    auto disabled = open("ada");
    auto ended = open("bob");
    for (const auto& one : {disabled, ended}) ASSERT_TRUE(run(io, sessions.find(one.token)));
    ASSERT_NE(sessions.find_cached(disabled.token.reveal()), nullptr);
    ASSERT_NE(sessions.find_cached(ended.token.reveal()), nullptr);

    ASSERT_TRUE(run(io, command_line->run(disable_account, db::Values{"ada"})));
    EXPECT_EQ(sessions.find_cached(disabled.token.reveal()), nullptr);
    EXPECT_TRUE(run(io, sessions.find(disabled.token)).error().is(unknown));

    ASSERT_TRUE(run(io, sessions.find(ended.token)));
    constexpr db::Statement end_all{"test.end", "DELETE FROM sessions"};
    ASSERT_TRUE(run(io, command_line->run(end_all, db::Values())));
    EXPECT_EQ(sessions.find_cached(ended.token.reveal()), nullptr);
    EXPECT_TRUE(run(io, sessions.find(ended.token)).error().is(unknown));
}

// Many.

TEST_F(SessionsTest, AreCachedUpToTheSetting) {
    settings.cache_entries = 3;
    sessions.emplace(*database, clock, random, background, settings);
    std::vector<Opened> opened;
    opened.reserve(10);
    for (int i = 0; i < 10; ++i) opened.push_back(open());

    for (const auto& one : opened) EXPECT_EQ(slug(one), "found");

    EXPECT_EQ(sessions->cached(), 3u);
}

TEST_F(SessionsTest, AreFoundWithoutACache) {
    settings.cache_entries = 0;
    sessions.emplace(*database, clock, random, background, settings);
    auto session = open();

    EXPECT_EQ(slug(session), "found");
    EXPECT_EQ(slug(session), "found");
    EXPECT_EQ(sessions->cached(), 0u);
}

}  // namespace
}  // namespace cardea::session
