// Malformed and ambiguous requests: refused or cut off, never answered twice, never fatal.
#include "cardea/base/encoding.hpp"
#include "cardea/base/text.hpp"
#include "tests/server/fixture.hpp"
#include "tests/support/vectors.hpp"

namespace cardea::http {
namespace {

class MalformedRequests : public ServerTest {
  protected:
    MalformedRequests() { server.start(); }
    int status(const std::string& bytes) {
        auto client = connect();
        client.send(bytes);
        client.finish_sending();
        return client.read_response().status;
    }
};

TEST_F(MalformedRequests, OfPublishedVectorsNeverGetTwoAnswers) {
    auto vectors = read_vectors("http-llhttp.json");
    if (!vectors) GTEST_SKIP() << "no vectors";
    for (const auto& one : vectors->at("cases").as_array()) {
        auto name = text_of(one, "name");
        auto bytes = from_base64(text_of(one, "request_base64")).value();
        auto answer = exchange(as_text(bytes));

        EXPECT_LE(answers_in(answer), 2u) << name;
        if (!one.at("llhttp").as_object().contains("refused")) continue;
        bool refused = answer.empty() || answer.starts_with("HTTP/1.1 4") ||
                       answer.starts_with("HTTP/1.1 501");
        // "Data after Connection: close" is refused by us by closing after the first answer.
        bool closes = text_of(one.at("llhttp"), "refused").starts_with("Data after");
        EXPECT_TRUE(refused || (closes && answers_in(answer) == 1)) << name << '\n' << answer;
    }
    expect_alive();
}

TEST_F(MalformedRequests, WithAmbiguousLengthsGet400AndAreNotReadOn) {
    auto smuggled = "GET /smuggled HTTP/1.1\r\n" + std::string(host) + "\r\n";
    for (auto lengths :
         {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
          "Content-Length: 0\r\nContent-Length: 5\r\n", "Content-Length: 0, 5\r\n",
          "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding : chunked\r\n",
          "Transfer-Encoding:\n chunked\r\n", "Content-Length: 0\r\n Content-Length: 5\r\n"}) {
        auto bytes =
            "POST / HTTP/1.1\r\n" + std::string(host) + lengths + "\r\n0\r\n\r\n" + smuggled;
        auto answer = exchange(bytes);
        EXPECT_EQ(answers_in(answer), 1u) << lengths << answer;
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 400")) << lengths;
        EXPECT_NE(answer.find("Connection: close"), std::string::npos);
    }
}

TEST_F(MalformedRequests, WithoutOneHostGet400) {
    EXPECT_EQ(status("GET / HTTP/1.1\r\n\r\n"), 400);
    EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: 127.0.0.1\r\n\r\n"), 400);
    EXPECT_EQ(status("GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), 400);
    EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"), 421);
    EXPECT_EQ(status("GET http://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), 200);
}

TEST_F(MalformedRequests, WithUnknownMethodsGet501AndNoEcho) {
    for (auto method :
         {"TRACE", "CONNECT", "PROPFIND", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "SEARCH",
          "REPORT", "PURGE", "LINK", "get", "Get", "DEBUG", "TRACK", "QUERY", "X"}) {
        auto client = connect();
        client.send(std::string(method) +
                    " / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Probe: echo-me\r\n\r\n");
        auto response = client.read_response();
        EXPECT_EQ(response.status, 501) << method;
        EXPECT_EQ(response.body.find("echo-me"), std::string::npos);
    }
}

TEST_F(MalformedRequests, WithKnownMethodsThatDoNotApplyGet405) {
    for (auto method : {"PATCH", "DELETE", "PUT"}) {
        auto client = connect();
        client.send(std::string(method) + " /target HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        auto response = client.read_response();
        EXPECT_EQ(response.status, 405) << method;
        EXPECT_EQ(response.field("Allow"), "GET, HEAD, OPTIONS");
    }
}

TEST_F(MalformedRequests, WithPathTricksGetNoOtherAnswerThanThePlainPath) {
    for (auto path : {"//target", "/target/", "/TARGET", "/target.", "/target;a=b", "/.;/target",
                      "/x/..;/target", "/x/../target", "/%2e/target", "/x/%2e%2e/target",
                      "/%2ftarget", "/target%2f", "/%c0%ae%c0%ae/target", "/target%00",
                      "/..%5ctarget", "/%252e%252e/target"}) {
        auto got = status("GET " + std::string(path) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        EXPECT_TRUE(got == 400 || got == 404) << path << got;
    }
    EXPECT_EQ(status("GET /t%61rget HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), 200);
}

TEST_F(MalformedRequests, NeverPutASecondHeaderIntoAnAnswer) {
    std::ifstream file(std::string(CARDEA_VECTORS_DIR) + "/crlf.txt");
    if (!file) GTEST_SKIP() << "no vectors";
    for (std::string line; std::getline(file, line);) {
        for (const auto& target :
             {line, "/target" + line, "/target?x=" + line, "/target/" + line.substr(1)}) {
            auto client = connect();
            auto response = client.get(target);
            EXPECT_EQ(response.count("Set-Cookie"), 0u) << target;
            EXPECT_NE(response.status, 0) << target;
        }
    }
}

TEST_F(MalformedRequests, WithCodedBodiesGet415) {
    EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Encoding: gzip\r\n"
                     "Content-Length: 3\r\n\r\nabc"),
              415);
}

TEST_F(MalformedRequests, InJsonGet400Or413InNoTime) {
    auto post = [this](std::string body) {
        return status(
            "POST /json HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            "Content-Length: " +
            std::to_string(body.size()) + "\r\n\r\n" + body);
    };
    EXPECT_EQ(post(std::string(60'000, '[')), 400);
    EXPECT_EQ(post(std::string(100'000, '[')), 413);
    EXPECT_EQ(post("{\"text\":\"a\",\"text\":\"b\"}"), 400);
    EXPECT_EQ(post("{\"text\":\"\xc0\xaf\"}"), 400);
    EXPECT_EQ(post("{\"text\":\"ok\"}"), 200);
}

TEST_F(MalformedRequests, OfEveryLengthOfAGoodOneNeverHang) {
    std::string good =
        "POST /json HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\nd\r\n{\"text\":\"ok\"}\r\n0\r\n\r\n";
    for (std::size_t length = 0; length < good.size(); ++length) {
        EXPECT_LE(answers_in(exchange(good.substr(0, length))), 1u) << length;
    }
    EXPECT_TRUE(exchange(good).starts_with("HTTP/1.1 200"));
}

}  // namespace
}  // namespace cardea::http
