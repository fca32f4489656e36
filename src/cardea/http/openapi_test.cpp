#include "cardea/http/openapi.hpp"

#include <gtest/gtest.h>

#include "cardea/http/route.hpp"
#include "cardea/schema/json.hpp"

namespace cardea::http {

struct Widget {
    std::string id;
    std::optional<std::string> colour;
};
DESCRIBED(Widget, (id, "Its id."), (colour, "What it looks like."))
struct WidgetQuery {
    std::string id;
    std::optional<int> limit;
};
DESCRIBED(WidgetQuery, (id, "Which one."), (limit, "How many.", schema::between(1, 200)))
struct NewWidget {
    std::string colour;
};
DESCRIBED(NewWidget, (colour, "What it looks like."))

namespace {

constexpr Reason no_widget{Code::not_found, "widget.missing", "There is no such widget."};
constexpr Reason old_widget{Code::not_found, "widget.gone", "That widget is gone."};

struct Widgets {
    Task<Widget> read(WidgetQuery) { co_return Widget(); }
    Task<Reply<Widget>> create(NewWidget) { co_return Reply<Widget>(); }
    Task<Widget> change(WidgetQuery) { co_return Widget(); }
    Task<NoContent> remove(Exchange&) { co_return NoContent(); }
};

class OpenApiTest : public testing::Test {
  protected:
    OpenApiTest() {
        using enum Method;
        router.add(route(get, "/v1/widgets/{id}", Access::api_key("widgets:read"), "Read a widget",
                         widgets, &Widgets::read)
                       .may_fail(no_widget, old_widget));
        router.add(
            route(post, "/v1/widgets", Access::session, "Make a widget", widgets, &Widgets::create)
                .answers(201));
        router.add(
            route(patch, "/v1/widgets/{id}", Access::admin, "Change", widgets, &Widgets::change));
        router.add(route(delete_, "/v1/widgets/{id}", Access::recent_session, "Remove", widgets,
                         &Widgets::remove));
        router.add(route(get, "/page", Access::anyone, "A page", widgets, &Widgets::remove).page());
        info.version = "1";
        document = *schema::parse_json(openapi_document(router, info));
    }
    const schema::Json& operation(std::string_view path, std::string_view method) {
        return document.at("paths").at(path).at(method);
    }
    Widgets widgets;
    Router router;
    OpenApiInfo info;
    schema::Json document;
};

TEST_F(OpenApiTest, IsVersion31AndStable) {
    EXPECT_EQ(document.at("openapi").as_string(), "3.1.0");
    EXPECT_EQ(openapi_document(router, info), openapi_document(router, info));
}

TEST_F(OpenApiTest, ListsPathAndQueryParameters) {
    const auto& parameters = operation("/v1/widgets/{id}", "get").at("parameters").as_array();

    ASSERT_EQ(parameters.size(), 2u);
    EXPECT_EQ(parameters[0].at("in").as_string(), "path");
    EXPECT_TRUE(parameters[0].at("required").as_bool());
    EXPECT_EQ(parameters[1].at("name").as_string(), "limit");
    EXPECT_EQ(parameters[1].at("in").as_string(), "query");
    EXPECT_FALSE(parameters[1].at("required").as_bool());
}

TEST_F(OpenApiTest, ListsPathParametersThatNoStructDescribes) {
    const auto& parameters = operation("/v1/widgets/{id}", "delete").at("parameters").as_array();

    ASSERT_EQ(parameters.size(), 1u);
    EXPECT_EQ(parameters[0].at("name").as_string(), "id");
}

TEST_F(OpenApiTest, ShowsTheBodyWithoutWhatStandsInThePath) {
    const auto& create = operation("/v1/widgets", "post").at("requestBody");
    const auto& change = operation("/v1/widgets/{id}", "patch").at("requestBody");

    EXPECT_EQ(create.at("content").at("application/json").at("schema").at("$ref").as_string(),
              "#/components/schemas/NewWidget");
    const auto& schema = change.at("content").at("application/json").at("schema");
    EXPECT_TRUE(schema.at("properties").as_object().contains("limit"));
    EXPECT_FALSE(schema.at("properties").as_object().contains("id"));
}

TEST_F(OpenApiTest, ShowsWhatComesBackAndWhatMayFail) {
    const auto& responses = operation("/v1/widgets/{id}", "get").at("responses");

    EXPECT_EQ(responses.at("200").at("content").at("application/json").at("schema").at("$ref"),
              "#/components/schemas/Widget");
    EXPECT_EQ(responses.at("404").at("description").as_string(), "widget.gone, widget.missing");
    EXPECT_TRUE(responses.at("404").at("content").as_object().contains("application/problem+json"));
    EXPECT_TRUE(operation("/v1/widgets", "post").at("responses").as_object().contains("201"));
    EXPECT_TRUE(operation("/v1/widgets", "post").at("responses").as_object().contains("415"));
    EXPECT_TRUE(
        operation("/v1/widgets/{id}", "delete").at("responses").as_object().contains("204"));
}

TEST_F(OpenApiTest, ShowsWhoMayCall) {
    const auto& read = operation("/v1/widgets/{id}", "get").at("security").as_array();
    const auto& change = operation("/v1/widgets/{id}", "patch").at("security").as_array();

    ASSERT_EQ(read.size(), 1u);
    EXPECT_EQ(read[0].at("api_key").at(0).as_string(), "widgets:read");
    EXPECT_EQ(change.size(), 3u);
}

TEST_F(OpenApiTest, LeavesPagesOut) {
    EXPECT_FALSE(document.at("paths").as_object().contains("/page"));
}

}  // namespace
}  // namespace cardea::http
