#include "cardea/api_key/api_keys.hpp"

#include <gmock/gmock.h>

#include "cardea/crypto/id.hpp"
#include "tests/support/database.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/seeded_random.hpp"

namespace cardea::api_key {
namespace {

using testing::ElementsAre;

TEST(Scopes, RefuseWhatIsNoScope) {
    for (auto word : {"", "tokens:write", "ADMIN", "admin ", "accounts:read tokens:read"}) {
        EXPECT_TRUE(Scopes::parse({word}).error().is(scope_unknown)) << word;
    }
    EXPECT_TRUE(Scopes::parse({}).error().is(scope_unknown));
}

TEST(Scopes, AreASet) {
    auto scopes = Scopes::parse({"tokens:read", "accounts:read", "tokens:read"}).value();

    EXPECT_THAT(scopes.words(), ElementsAre("accounts:read", "tokens:read"));
}

class ApiKeysTest : public testing::Test {
  public:
    ~ApiKeysTest() override { settle(); }

  protected:
    static NewApiKey reader(std::string name = "billing") {
        NewApiKey key;
        key.name = std::move(name);
        key.scopes = Scopes::parse({"accounts:read"}).value();
        key.created_by = "cli";
        return key;
    }
    Result<Created> try_create(NewApiKey key) {
        return database.run(keys.create(*database, std::move(key)));
    }
    Created create(NewApiKey key) { return try_create(std::move(key)).value(); }
    Result<ApiKey> find(SecretText token) { return database.run(keys.find(std::move(token))); }
    void settle() { ASSERT_TRUE(database.run(background.wait_until_empty())); }

    TestDatabase database;
    FakeClock clock;
    SeededRandom random;
    runtime::TaskGroup background{database.io.get_executor()};
    ApiKeys keys{*database, clock, random, background};
};

TEST_F(ApiKeysTest, RefuseATokenThatIsNone) {
    auto token = create(reader()).token.reveal();
    auto planted = crypto::make_token(ApiKeys::token_prefix, random);
    auto session = crypto::make_token("cas", random);

    EXPECT_TRUE(find(SecretText()).error().is(unknown));
    EXPECT_TRUE(find(SecretText(token + "x")).error().is(unknown));
    EXPECT_TRUE(find(planted).error().is(unknown));
    EXPECT_TRUE(find(session).error().is(unknown));
}

TEST_F(ApiKeysTest, EndWhenTheyExpire) {
    auto temporary = reader();
    temporary.expires_at = clock.now() + 1h;
    auto token = create(std::move(temporary)).token;
    EXPECT_TRUE(find(token));

    clock.advance(1h);

    EXPECT_TRUE(find(token).error().is(expired));
}

TEST_F(ApiKeysTest, EndWhenTheyAreRemoved) {
    auto made = create(reader());

    EXPECT_TRUE(database.run(keys.remove(*database, made.key.id)));

    EXPECT_TRUE(find(made.token).error().is(unknown));
    EXPECT_TRUE(database.run(keys.remove(*database, made.key.id)).error().is(missing));
}

TEST_F(ApiKeysTest, AreRefusedWithoutAGoodName) {
    for (auto name : {"", "  ", "a\nb", "a\xff"}) {
        EXPECT_TRUE(try_create(reader(name)).error().is(name_malformed));
    }
    EXPECT_TRUE(try_create(reader(std::string(101, 'x'))).error().is(name_malformed));
}

TEST_F(ApiKeysTest, AreRefusedWithAnEndInThePast) {
    auto late = reader();
    late.expires_at = clock.now();

    EXPECT_TRUE(try_create(std::move(late)).error().is(ends_in_the_past));
}

TEST_F(ApiKeysTest, DoOnlyWhatTheirScopesSay) {
    auto key = find(create(reader()).token).value();

    EXPECT_TRUE(demand_scope(key, scope::tokens_read).error().is(scope_missing));
    EXPECT_TRUE(demand_scope(key, scope::admin).error().is(scope_missing));
    EXPECT_TRUE(demand_scope(key, scope::accounts_read));
}

TEST_F(ApiKeysTest, OfAnAdministratorDoNotReadTokens) {
    auto made = reader();
    made.scopes = Scopes::parse({"admin"}).value();
    auto key = create(std::move(made)).key;

    EXPECT_FALSE(demand_scope(key, scope::tokens_read));
    EXPECT_TRUE(demand_scope(key, scope::admin));
}

TEST_F(ApiKeysTest, AreShownOnceAndStoredAsADigest) {
    auto made = create(reader());
    constexpr db::Statement everything{"test.all", "SELECT * FROM api_keys"};

    auto rows = database.run(database->run(everything, db::Values())).value();

    for (const auto& value : rows.rows.at(0)) {
        EXPECT_EQ(value.as_text().find(made.token.reveal()), std::string::npos);
        EXPECT_NE(to_text(value.as_bytes()), made.token.reveal());
    }
    EXPECT_TRUE(crypto::is_token("cak", made.token.reveal()));
}

TEST_F(ApiKeysTest, NoteTheirUseAtMostOnceAMinuteAndInTheBackground) {
    auto token = create(reader()).token;

    EXPECT_FALSE(find(token)->last_used_at);
    settle();
    auto noted = clock.now();
    EXPECT_EQ(find(token)->last_used_at, noted);
    clock.advance(59s);
    (void)find(token);
    settle();
    EXPECT_EQ(find(token)->last_used_at, noted);
    clock.advance(1s);
    (void)find(token);
    settle();
    EXPECT_EQ(find(token)->last_used_at, noted + 60s);
}

TEST_F(ApiKeysTest, AreListedPageByPage) {
    for (auto name : {"a", "b", "c"}) {
        create(reader(name));
        clock.advance(1ms);
    }

    auto first = database.run(keys.list(*database, "", 2)).value();
    auto second = database.run(keys.list(*database, first.next_cursor.value(), 2)).value();

    ASSERT_EQ(first.items.size(), 2u);
    EXPECT_EQ(first.items[0].name, "a");
    EXPECT_EQ(first.items[0].created_by, "cli");
    ASSERT_EQ(second.items.size(), 1u);
    EXPECT_EQ(second.items[0].name, "c");
    EXPECT_FALSE(second.next_cursor);
}

}  // namespace
}  // namespace cardea::api_key
