#include "cardea/api/idempotency.hpp"

#include <gmock/gmock.h>

#include "cardea/crypto/hash.hpp"
#include "tests/support/front.hpp"

namespace cardea::api {
namespace {

using http::Method;

class IdempotencyTest : public testing::Test {
  protected:
    http::Response sign_up(std::string body, std::string key = "k-1") {
        return visitor.json(Method::post, "/v1/accounts", std::move(body),
                            {{"Idempotency-Key", std::move(key)}});
    }
    db::Rows rows() {
        constexpr db::Statement all{"test.all", "SELECT * FROM idempotency"};
        return world.run(world.database->run(all, db::Values())).value();
    }

    World world;
    Front front{world};
    Visitor visitor{front};
    const std::string request = R"({"email":"ada@example.org","password":"correct horse"})";
};

TEST_F(IdempotencyTest, KeepsNothingFromWhichAPasswordCanBeGuessed) {
    ASSERT_EQ(sign_up(request).status, 201);

    auto fast_hash = crypto::sha256(request);
    Bytes guess(fast_hash.begin(), fast_hash.end());
    auto stored = rows();
    ASSERT_EQ(stored.rows.size(), 1u);
    for (const auto& value : stored.rows[0]) {
        EXPECT_NE(value.as_bytes(), guess);
        EXPECT_EQ(to_text(value.as_bytes()).find("correct horse"), std::string::npos);
    }
    EXPECT_EQ(stored.rows[0].at(1).as_bytes().size(), 32u);
}

TEST_F(IdempotencyTest, GivesTheFirstAnswerAgain) {
    auto first = sign_up(request);
    visitor.cookies.clear();

    auto again = sign_up(request);

    EXPECT_EQ(again.status, 201);
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(world.count("accounts"), 1u);
}

TEST_F(IdempotencyTest, RefusesAnotherBodyUnderTheSameKey) {
    ASSERT_EQ(sign_up(request).status, 201);
    visitor.cookies.clear();

    auto other = sign_up(R"({"email":"eve@example.org","password":"correct horse"})");

    EXPECT_EQ(reason_of(other), "idempotency.key_reused");
}

TEST_F(IdempotencyTest, RefusesMalformedKeys) {
    EXPECT_EQ(reason_of(sign_up(request, "two words")), "idempotency.key_malformed");
    EXPECT_EQ(reason_of(sign_up(request, std::string(256, 'k'))), "idempotency.key_malformed");
}

TEST_F(IdempotencyTest, DoesNotKeepRefusals) {
    EXPECT_EQ(sign_up(R"({"email":"nonsense","password":"correct horse"})").status, 400);

    EXPECT_EQ(sign_up(request).status, 201);
}

TEST_F(IdempotencyTest, MakesOneApiKeyOfTwoRequests) {
    visitor.bearer = front.key({"admin"});
    auto make = [&] {
        return visitor.json(Method::post, "/v1/admin/api-keys",
                            R"({"name":"backup","scopes":["accounts:read"]})",
                            {{"Idempotency-Key", "k-2"}});
    };

    auto first = make();
    auto second = make();

    EXPECT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(world.count("api_keys"), 2u) << "the administrator's own, and one";
}

TEST_F(IdempotencyTest, AddsOneProviderOfTwoRequests) {
    visitor.bearer = front.key({"admin"});
    auto row = world.other.row();
    row["name"] = "third";
    auto add = [&] {
        return visitor.json(Method::post, "/v1/admin/providers",
                            schema::write_json(schema::Json(row)), {{"Idempotency-Key", "k-3"}});
    };

    EXPECT_EQ(add().status, 201);
    EXPECT_EQ(add().status, 201) << "not provider.exists";
}

}  // namespace
}  // namespace cardea::api
