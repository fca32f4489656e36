// Many requests on one connection, half-closed connections, HTTP/1.0, HEAD and compression.
#include "tests/server/fixture.hpp"

namespace cardea::http {
namespace {

class KeepAlive : public ServerTest {
  protected:
    KeepAlive() { server.start(); }
    static std::string get(std::string_view target, std::string_view fields = {}) {
        return "GET " + std::string(target) + " HTTP/1.1\r\n" + std::string(host) +
               std::string(fields) + "\r\n";
    }
};

TEST_F(KeepAlive, ServesRequestAfterRequest) {
    auto client = connect();
    for (int i = 0; i < 100; ++i) EXPECT_EQ(client.get("/target?" + std::to_string(i)).status, 200);

    EXPECT_EQ(server.on_thread([](Server& s) { return s.connections(); }), 1u);
}

TEST_F(KeepAlive, AnswersAThousandPipelinedRequestsInOrder) {
    std::string requests;
    for (int i = 0; i < 1000; ++i) requests += get("/target?" + std::to_string(i));
    auto client = connect();
    std::thread sender([&] { client.send(requests); });

    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(client.read_response().body, "/target|" + std::to_string(i));
    }
    sender.join();
}

TEST_F(KeepAlive, AnswersPipelinedRequestsWithBodies) {
    auto post = "POST / HTTP/1.1\r\n" + std::string(host);
    auto answer = exchange(post + "Content-Length: 3\r\n\r\nabc" + post +
                           "Transfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n\r\n" + get("/"));

    EXPECT_EQ(answers_in(answer), 3u);
    EXPECT_NE(answer.find("\r\n\r\nabcHTTP/1.1 200"), std::string::npos);
    EXPECT_NE(answer.find("\r\n\r\ndeHTTP/1.1 200"), std::string::npos);
}

TEST_F(KeepAlive, AnswersAfterAHalfClose) {
    EXPECT_EQ(answers_in(exchange(get("/") + get("/"))), 2u);
}

TEST_F(KeepAlive, EndsWhenAsked) {
    auto answer = exchange(get("/", "Connection: close\r\n") + get("/"));

    EXPECT_EQ(answers_in(answer), 1u);
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
}

TEST_F(KeepAlive, IsOffInHttp10UnlessAsked) {
    auto plain = exchange("GET / HTTP/1.0\r\n" + std::string(host) + "\r\n" + get("/"));
    EXPECT_EQ(answers_in(plain), 1u);

    auto asked = exchange("GET / HTTP/1.0\r\n" + std::string(host) +
                          "Connection: keep-alive\r\n\r\n" + get("/"));
    EXPECT_EQ(answers_in(asked), 2u);
    EXPECT_NE(asked.find("Connection: keep-alive\r\n"), std::string::npos);
}

TEST_F(KeepAlive, SurvivesRefusalsOfTheHandler) {
    auto client = connect();
    EXPECT_EQ(client.get("/none").status, 404);
    EXPECT_EQ(client.get("/").status, 200);
}

TEST_F(KeepAlive, AnswersHeadWithoutABody) {
    auto client = connect();
    client.send("HEAD /page HTTP/1.1\r\n" + std::string(host) + "\r\n");
    auto response = client.read_response(true);

    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.field("Content-Length"), "5000");
    EXPECT_EQ(client.get("/").status, 200);
}

TEST_F(KeepAlive, CompressesWhereAsked) {
    auto client = connect();
    auto response = client.get("/page", "Accept-Encoding: gzip\r\n");

    EXPECT_EQ(response.field("Content-Encoding"), "gzip");
    EXPECT_LT(response.body.size(), 500u);
}

TEST_F(KeepAlive, MarksAnswersToUnreadableRequestsToo) {
    auto client = connect();
    client.send("nonsense\r\n\r\n");
    auto response = client.read_response();

    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.field("X-Request-Id").size(), 16u);
    EXPECT_EQ(response.field("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(response.count("Server"), 0u);
}

TEST_F(KeepAlive, HasADate) {
    auto date = connect().get("/").field("Date");

    EXPECT_EQ(date.size(), 29u);
    EXPECT_TRUE(date.ends_with(" GMT"));
}

TEST_F(KeepAlive, OutlivesAClientThatGoesAwayInTheMiddle) {
    for (int i = 0; i < 3; ++i) {
        auto client = connect();
        client.send(get("/large"));
        client.close();
    }
    expect_alive();
}

}  // namespace
}  // namespace cardea::http
