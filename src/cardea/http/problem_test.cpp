#include "cardea/http/problem.hpp"

#include <gtest/gtest.h>

#include "cardea/http/status.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::http {
namespace {

constexpr Reason slow_down{Code::too_many, "throttle.slow_down", "Slow down."};
constexpr Reason unproven{Code::unauthenticated, "session.missing", "Sign in first."};

TEST(Problem, NamesReasonTypeStatusAndRequest) {
    auto response = problem_response(Error(unproven), "r1");

    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
    auto body = *schema::parse_json(response.body);
    EXPECT_EQ(body.at("type").as_string(), "/problems/session.missing");
    EXPECT_EQ(body.at("title").as_string(), "Unauthorized");
    EXPECT_EQ(body.at("status").as_int64(), 401);
    EXPECT_EQ(body.at("detail").as_string(), "Sign in first.");
    EXPECT_EQ(body.at("reason").as_string(), "session.missing");
    EXPECT_EQ(body.at("request_id").as_string(), "r1");
    EXPECT_FALSE(body.as_object().contains("errors"));
}

TEST(Problem, NeverShowsTheDetailOrTheCause) {
    Error cause(internal, "SELECT secret FROM /etc/passwd");
    Error error(unproven, cause);

    auto response = problem_response(error, "r1");

    EXPECT_EQ(response.body.find("SELECT"), std::string::npos);
    EXPECT_EQ(response.body.find(".cpp"), std::string::npos);
}

TEST(Problem, ListsEachWrongField) {
    auto error = Error(schema::invalid)
                     .with_fields({{"email", "missing", "It is missing."},
                                   {"name", "unknown", "Nobody knows it."}});

    auto body = *schema::parse_json(problem_response(error, "r").body);

    ASSERT_EQ(body.at("errors").as_array().size(), 2u);
    EXPECT_EQ(body.at("errors").at(0).at("field").as_string(), "email");
    EXPECT_EQ(body.at("errors").at(1).at("reason").as_string(), "unknown");
}

TEST(Problem, SaysWhenToComeBack) {
    auto response = problem_response(Error(slow_down).with_retry_after(7s), "r");

    EXPECT_EQ(response.status, 429);
    EXPECT_EQ(response.headers.get("Retry-After"), "7");
    EXPECT_FALSE(problem_response(Error(slow_down), "r").headers.has("Retry-After"));
}

TEST(Problem, Of401NamesTheScheme) {
    EXPECT_EQ(problem_response(Error(unproven), "r").headers.get("WWW-Authenticate"), "Bearer");
    EXPECT_FALSE(problem_response(Error(slow_down), "r").headers.has("WWW-Authenticate"));
}

TEST(CodeFacts, HaveAStatusWithThatTitleForEveryCode) {
    for (int code = 0; code <= static_cast<int>(Code::peer_timeout); ++code) {
        const auto& facts = facts_of(static_cast<Code>(code));
        EXPECT_EQ(status::phrase(facts.status), facts.title);
    }
    EXPECT_EQ(facts_of(Code::peer_timeout).status, 504);
    EXPECT_TRUE(facts_of(Code::unavailable).retryable);
    EXPECT_FALSE(facts_of(Code::invalid).retryable);
    EXPECT_EQ(facts_of(Code::internal).level, log::Level::error);
}

}  // namespace
}  // namespace cardea::http
