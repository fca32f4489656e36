#include "cardea/http/message.hpp"

#include <gtest/gtest.h>

#include "cardea/http/responses.hpp"
#include "cardea/http/status.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::http {
namespace {

TEST(Methods, AreCaseSensitiveAndFew) {
    EXPECT_EQ(method_from("GET"), Method::get);
    EXPECT_EQ(method_from("DELETE"), Method::delete_);
    for (auto text : {"get", "TRACE", "CONNECT", "", "GET "})
        EXPECT_FALSE(method_from(text)) << text;
    EXPECT_EQ(to_string(Method::options), "OPTIONS");
}

TEST(Headers, CompareNamesWithoutCase) {
    Headers headers{{"X-One", "1"}, {"x-one", "2"}, {"Two", "3"}};

    EXPECT_EQ(headers.get("X-ONE"), "1");
    EXPECT_EQ(headers.count("x-One"), 2u);
    headers.set("x-one", "4");
    EXPECT_EQ(headers.count("X-One"), 1u);
    headers.remove("TWO");
    EXPECT_FALSE(headers.has("two"));
    EXPECT_EQ(headers.get("two"), "");
}

TEST(Headers, NeverHoldALineBreak) {
#ifdef NDEBUG
    Headers headers;
    headers.add("Location", "/\r\nSet-Cookie: a=1");
    headers.set("X\n", "1");
    EXPECT_EQ(headers.size(), 0u);
#else
    EXPECT_DEATH(Headers().add("Location", "/\r\nSet-Cookie: a=1"), "line break");
    EXPECT_DEATH(Headers().set("X\n", "1"), "line break");
    EXPECT_DEATH(Headers().add("X", std::string("a\0b", 3)), "line break");
#endif
}

TEST(MediaType, IsLowerCaseWithoutParameters) {
    EXPECT_EQ(media_type("Application/JSON; charset=utf-8"), "application/json");
    EXPECT_EQ(media_type(" text/html "), "text/html");
    EXPECT_EQ(media_type(""), "");
}

TEST(Responses, SeeOtherLeadsToItsLocation) {
    auto response = responses::see_other("/account");

    EXPECT_EQ(response.status, 303);
    EXPECT_EQ(response.headers.get("Location"), "/account");
    EXPECT_EQ(responses::see_other(*ReturnTo::parse("/x")).headers.get("Location"), "/x");
}

TEST(Responses, OfSuccessCarryTheirBody) {
    EXPECT_EQ(responses::ok("{\"a\":1}").body, "{\"a\":1}");
    EXPECT_EQ(responses::ok().headers.get("Content-Type"), "application/json");
    EXPECT_EQ(responses::ok("x", "text/plain").headers.get("Content-Type"), "text/plain");
    EXPECT_EQ(responses::html("<p>").headers.get("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(responses::created().status, 201);
    EXPECT_EQ(responses::accepted().status, 202);
    EXPECT_EQ(responses::no_content().status, 204);
    EXPECT_EQ(responses::no_content().body, "");
    EXPECT_EQ(responses::not_modified().status, 304);
    EXPECT_EQ(responses::permanent_redirect("/").status, 308);
}

TEST(Responses, OfRefusalAreProblemsWithTheTextGiven) {
    using namespace responses;
    auto list = {bad_request("t"),
                 unauthorized("t"),
                 forbidden("t"),
                 not_found("t"),
                 method_not_allowed("t", "GET"),
                 request_timeout("t"),
                 conflict("t"),
                 gone("t"),
                 content_too_large("t"),
                 unsupported_media_type("t"),
                 expectation_failed("t"),
                 misdirected_request("t"),
                 unprocessable_content("t"),
                 too_many_requests("t", 3s),
                 header_fields_too_large("t"),
                 internal_server_error("t"),
                 not_implemented("t"),
                 bad_gateway("t"),
                 service_unavailable("t"),
                 gateway_timeout("t")};
    std::vector<int> statuses;
    for (const auto& response : list) {
        statuses.push_back(response.status);
        EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
        auto body = *schema::parse_json(response.body);
        EXPECT_EQ(body.at("status").as_int64(), response.status);
        EXPECT_EQ(body.at("detail").as_string(), "t");
        EXPECT_EQ(body.at("type").as_string(), "about:blank");
        EXPECT_EQ(body.at("title").as_string(), status::phrase(response.status));
        EXPECT_NE(status::phrase(response.status), "Unknown");
    }
    EXPECT_EQ(statuses, (std::vector<int>{400, 401, 403, 404, 405, 408, 409, 410, 413, 415,
                                          417, 421, 422, 429, 431, 500, 501, 502, 503, 504}));
}

TEST(Responses, ThatAskToWaitSayHowLong) {
    EXPECT_EQ(responses::too_many_requests("t", 3s).headers.get("Retry-After"), "3");
    EXPECT_EQ(responses::service_unavailable("t").headers.get("Retry-After"), "5");
}

TEST(Responses, Of405NameWhatIsAllowed) {
    EXPECT_EQ(responses::method_not_allowed("t", "GET, HEAD").headers.get("Allow"), "GET, HEAD");
}

}  // namespace
}  // namespace cardea::http
