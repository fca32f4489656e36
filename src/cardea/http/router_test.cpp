#include "cardea/http/router.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "cardea/schema/json.hpp"
#include "tests/support/run.hpp"

namespace cardea::http {

struct Greeting {
    std::string text;
};
DESCRIBED(Greeting, (text, "What is said."))
struct Person {
    std::string name;
    std::optional<int> times;
};
DESCRIBED(Person, (name, "Who is greeted."), (times, "How often.", schema::between(1, 9)))

namespace {

constexpr Reason tired{Code::unavailable, "greeter.tired", "The greeter sleeps."};

class Greeter {
  public:
    Task<Greeting> greet(Person person) {
        std::string text;
        for (int i = 0; i < person.times.value_or(1); ++i) text += "hello " + person.name + ' ';
        co_return Greeting{text};
    }
    Task<Reply<Greeting>> create(Person person, Exchange& exchange) {
        Greeting greeting{person.name + ' ' + exchange.request_id};
        Reply<Greeting> reply(std::move(greeting), 201);
        SetCookie cookie{.name = "greeted", .value = "yes"};
        reply.set_cookie(cookie);
        co_return reply;
    }
    Task<Greeting> again(Greeting greeting) { co_return greeting; }
    Task<NoContent> forget() { co_return NoContent(); }
    Task<void> nothing(Exchange&) { co_return Result<void>(); }
    Task<Response> raw(Exchange& exchange) {
        Response response{200, {}, exchange.path};
        co_return response;
    }
    Task<Greeting> refuse() { co_return fail(tired, "a detail for the log"); }
    Task<Greeting> explode() { throw std::runtime_error("secret of the library"); }
};

class RouterTest : public testing::Test {
  protected:
    RouterTest() {
        using enum Method;
        add(get, "/greet/{name}", &Greeter::greet);
        add(post, "/greet", &Greeter::create);
        router.add(route(put, "/form", Access::anyone, "", greeter, &Greeter::greet).takes_form());
        add(delete_, "/greet/{name}", &Greeter::forget);
        add(patch, "/nothing", &Greeter::nothing);
        add(post, "/again/{text}", &Greeter::again);
        add(get, "/raw", &Greeter::raw);
        add(get, "/greet/all", &Greeter::raw);
        add(get, "/tired", &Greeter::refuse);
        add(get, "/explode", &Greeter::explode);
        router.add(route(get, "/once", Access::anyone, "", greeter, &Greeter::raw).without_head());
    }
    template <class F>
    void add(Method method, std::string pattern, F f) {
        router.add(route(method, std::move(pattern), Access::anyone, "", greeter, f));
    }
    Response ask(Method method, std::string target, std::string body = {},
                 std::string type = "application/json") {
        Exchange exchange;
        exchange.request = {method, std::move(target), {}, std::move(body)};
        if (!exchange.request.body.empty()) exchange.request.headers.add("Content-Type", type);
        auto prepared = router.prepare(exchange);
        if (!prepared) return router.refuse(exchange, prepared.error());
        return *run(router.answer(exchange));
    }
    std::string reason(const Response& response) {
        return std::string(schema::parse_json(response.body)->at("reason").as_string());
    }
    Greeter greeter;
    Router router;
};

TEST_F(RouterTest, WantsNoBodyWhereEverythingStandsInThePath) {
    EXPECT_EQ(ask(Method::post, "/again/hello").body, R"({"text":"hello"})");
    EXPECT_EQ(ask(Method::post, "/again/hello", "{}").status, 200);
    EXPECT_EQ(ask(Method::post, "/again/hello", "text=no", "text/plain").status, 415);
    EXPECT_EQ(ask(Method::post, "/greet").status, 415) << "this one wants something";
}

TEST_F(RouterTest, AnswersUnknownPathsWith404) {
    for (auto path : {"/", "/greet/", "/greet//", "/GREET/bob", "/greet/bob/", "/greet/bob/more",
                      "//greet/bob", "/greet;x=1", "/raw."}) {
        EXPECT_EQ(ask(Method::get, path).status, 404) << path;
    }
    EXPECT_EQ(reason(ask(Method::get, "/none")), "request.not_found");
}

TEST_F(RouterTest, AnswersPathTricksWith400) {
    for (auto path : {"/greet/%2e%2e/raw", "/x/../raw", "/..;/raw", "/raw%2f", "/%c0%ae/raw"}) {
        EXPECT_EQ(ask(Method::get, path).status, 400) << path;
    }
}

TEST_F(RouterTest, DecidesByTheDecodedPath) {
    EXPECT_EQ(ask(Method::get, "/r%61w").body, "/raw");
}

TEST_F(RouterTest, AnswersOtherMethodsWith405AndWhatIsAllowed) {
    auto response = ask(Method::post, "/raw", "{}");

    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.headers.get("Allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(reason(response), "request.method");
    EXPECT_EQ(ask(Method::get, "/greet").headers.get("Allow"), "POST, OPTIONS");
}

TEST_F(RouterTest, AnswersOptionsWithWhatIsAllowed) {
    auto response = ask(Method::options, "/greet/bob");

    EXPECT_EQ(response.status, 204);
    EXPECT_EQ(response.headers.get("Allow"), "GET, HEAD, DELETE, OPTIONS");
}

TEST_F(RouterTest, AnswersHeadAsGetUnlessTheRouteForbids) {
    EXPECT_EQ(ask(Method::head, "/raw").status, 200);
    EXPECT_EQ(ask(Method::head, "/once").status, 405);
    EXPECT_EQ(ask(Method::head, "/once").headers.get("Allow"), "GET, OPTIONS");
    EXPECT_EQ(ask(Method::head, "/greet").status, 405);
}

TEST_F(RouterTest, KnowsNoMethodOverride) {
    EXPECT_EQ(ask(Method::post, "/greet/bob?_method=DELETE", "{}").status, 405);
}

TEST_F(RouterTest, FillsInputFromPathAndQuery) {
    auto response = ask(Method::get, "/greet/bob?times=2&utm_source=mail");

    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.headers.get("Content-Type"), "application/json");
    EXPECT_EQ(response.body, R"({"text":"hello bob hello bob "})");
}

TEST_F(RouterTest, RefusesAParameterThatStandsTwice) {
    auto response = ask(Method::get, "/greet/bob?times=2&times=3");

    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(schema::parse_json(response.body)->at("errors").at(0).at("field").as_string(),
              "times");
}

TEST_F(RouterTest, RefusesTheQuerysPathParameter) {
    EXPECT_EQ(ask(Method::get, "/greet/bob?name=eve").status, 400);
}

TEST_F(RouterTest, RefusesWrongInputFieldByField) {
    auto response = ask(Method::post, "/greet", R"({"times":10,"nmae":"bob"})");

    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(reason(response), "request.invalid");
    EXPECT_EQ(schema::parse_json(response.body)->at("errors").as_array().size(), 3u);
}

TEST_F(RouterTest, RefusesBodiesThatAreNotJsonInUtf8) {
    auto good = R"({"name":"bob"})";
    for (auto type : {"", "text/plain", "application/x-www-form-urlencoded",
                      "application/json; charset=utf-7", "application/json;charset=\"UTF-16\"",
                      "application/json; charset", "application/jsonx", "multipart/form-data"}) {
        EXPECT_EQ(ask(Method::post, "/greet", good, type).status, 415) << type;
    }
    EXPECT_EQ(ask(Method::post, "/greet").status, 415);
    for (auto type : {"application/json", "Application/JSON; Charset=UTF-8",
                      "application/json;charset=\"utf-8\"; profile=x"}) {
        EXPECT_EQ(ask(Method::post, "/greet", good, type).status, 201) << type;
    }
}

TEST_F(RouterTest, TakesAFormWhereTheRouteSaysSo) {
    auto form = "application/x-www-form-urlencoded";

    EXPECT_EQ(ask(Method::put, "/form", "name=b+b&times=1&button=ok", form).body,
              R"({"text":"hello b b "})");
    EXPECT_EQ(ask(Method::put, "/form", R"({"name":"b"})").status, 415);
    EXPECT_EQ(ask(Method::put, "/form", "name=%ff", form).status, 400);
}

TEST_F(RouterTest, GivesRepliesTheirStatusAndCookies) {
    auto response = ask(Method::post, "/greet", R"({"name":"bob"})");

    EXPECT_EQ(response.status, 201);
    EXPECT_TRUE(response.headers.get("Set-Cookie").starts_with("greeted=yes;"));
}

TEST_F(RouterTest, AnswersNothingWith204) {
    EXPECT_EQ(ask(Method::delete_, "/greet/bob").status, 204);
    EXPECT_EQ(ask(Method::patch, "/nothing").status, 204);
}

TEST_F(RouterTest, PrefersALiteralPathToAParameter) {
    EXPECT_EQ(ask(Method::get, "/greet/all").body, "/greet/all");
}

TEST_F(RouterTest, TurnsRefusalsIntoProblems) {
    auto response = ask(Method::get, "/tired");

    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(reason(response), "greeter.tired");
    EXPECT_EQ(response.body.find("detail for the log"), std::string::npos);
}

TEST_F(RouterTest, TurnsExceptionsIntoInternalAndTellsNothing) {
    auto response = ask(Method::get, "/explode");

    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(reason(response), "internal");
    EXPECT_EQ(response.body.find("secret of the library"), std::string::npos);
}

TEST_F(RouterTest, RefusesTwoRoutesForOnePlace) {
    EXPECT_THROW(add(Method::get, "/raw", &Greeter::raw), std::logic_error);
    EXPECT_THROW(add(Method::put, "/greet/{other}", &Greeter::raw), std::logic_error);
    EXPECT_THROW(add(Method::get, "greet", &Greeter::raw), std::logic_error);
}

TEST_F(RouterTest, WrapsHandlers) {
    Route::Wrapper wrapper = [](Exchange& exchange, Handler inner) -> Task<Response> {
        auto response = co_await inner(exchange);
        response->headers.add("X-Wrapped", "yes");
        co_return response;
    };
    router.add(
        route(Method::get, "/wrapped", Access::anyone, "", greeter, &Greeter::raw).around(wrapper));

    auto response = ask(Method::get, "/wrapped");

    EXPECT_EQ(response.headers.get("X-Wrapped"), "yes");
    EXPECT_EQ(response.body, "/wrapped");
}

TEST_F(RouterTest, ShowsProblemsAsPagesToBrowsers) {
    router.show_problems_with([](const Exchange&, const Problem& problem) {
        return std::optional<Response>({problem.status, {}, "<h1>" + problem.title});
    });
    Exchange exchange;
    exchange.request = {Method::get, "/none", {{"Accept", "text/html, */*"}}, {}};
    ASSERT_TRUE(router.prepare(exchange));

    EXPECT_EQ(run(router.answer(exchange))->body, "<h1>Not Found");
    EXPECT_EQ(reason(ask(Method::get, "/none")), "request.not_found");
}

class TestGate final : public Gate {
  public:
    enum class What { pass, wait, wait_and_refuse, refuse, answer };
    TestGate(What what, std::string mark, std::string& log)
        : what_(what), mark_(std::move(mark)), log_(log) {}
    std::string_view name() const override { return mark_; }
    Verdict check(Exchange&) override {
        log_ += mark_;
        switch (what_) {
            case What::pass:
                return Pass();
            case What::wait:
            case What::wait_and_refuse:
                return Wait();
            case What::refuse:
                return Error(tired);
            case What::answer:
                return Response{202, {}, {}};
        }
        return Pass();
    }
    Task<void> wait(Exchange&) override {
        if (what_ == What::wait_and_refuse) co_return fail(tired);
        log_ += '~';
        co_return Result<void>();
    }
    void finish(const Exchange&, Response& response) override {
        response.headers.add("X-Gate", mark_);
    }

  private:
    What what_;
    std::string mark_;
    std::string& log_;
};

class GateOrderTest : public RouterTest {
  protected:
    using What = TestGate::What;
    void gate(What what, std::string mark) {
        router.add_gate(std::make_unique<TestGate>(what, std::move(mark), log));
    }
    std::string log;
};

TEST_F(GateOrderTest, AsksGatesInOrderAndStopsAtTheFirstRefusal) {
    gate(What::pass, "a");
    gate(What::refuse, "b");
    gate(What::pass, "c");

    auto response = ask(Method::get, "/raw");

    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(log, "ab");
    EXPECT_EQ(response.headers.count("X-Gate"), 2u);
}

TEST_F(GateOrderTest, AwaitsOnlyGatesThatWait) {
    gate(What::pass, "a");
    gate(What::wait, "b");
    gate(What::pass, "c");

    EXPECT_EQ(ask(Method::get, "/raw").status, 200);
    EXPECT_EQ(log, "ab~c");
}

TEST_F(GateOrderTest, LetsAGateRefuseAfterItsWait) {
    gate(What::wait_and_refuse, "a");

    EXPECT_EQ(reason(ask(Method::get, "/raw")), "greeter.tired");
}

TEST_F(GateOrderTest, LetsAGateAnswer) {
    gate(What::answer, "a");

    EXPECT_EQ(ask(Method::get, "/raw").status, 202);
}

TEST_F(GateOrderTest, AsksGatesBeforeItSaysThatThereIsNothing) {
    gate(What::refuse, "a");

    EXPECT_EQ(ask(Method::get, "/none").status, 503);
}

TEST_F(GateOrderTest, AddsReplyHeadersToRefusals) {
    Exchange exchange;
    exchange.request.target = "/tired";
    exchange.reply_headers.add("Set-Cookie", "a=1");
    ASSERT_TRUE(router.prepare(exchange));

    EXPECT_EQ(run(router.answer(exchange))->headers.get("Set-Cookie"), "a=1");
}

}  // namespace
}  // namespace cardea::http
