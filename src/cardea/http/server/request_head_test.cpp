#include "cardea/http/server/request_head.hpp"

#include <gtest/gtest.h>

namespace cardea::http {
namespace {

Result<RequestHead> read(std::string lines) {
    return read_head(lines + "\r\n");
}
const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";

std::string refusal(const std::string& lines) {
    auto head = read(lines);
    return head ? "accepted" : std::string(head.error().reason().slug);
}

TEST(ReadHead, RefusesMalformedRequestLines) {
    for (auto line : {"GET /",
                      "GET  / HTTP/1.1",
                      " GET / HTTP/1.1",
                      "GET /  HTTP/1.1",
                      "GET / HTTP/1.1 ",
                      "GET / HTTP/2.0",
                      "GET / HTTP/1.10",
                      "GET / http/1.1",
                      "GET / HTTP/0.9",
                      "GET /a b HTTP/1.1",
                      "GET /\xc3\xbc HTTP/1.1",
                      "GET /#x HTTP/1.1",
                      "GET\t/ HTTP/1.1",
                      "G(T / HTTP/1.1",
                      "/ HTTP/1.1",
                      "GET x HTTP/1.1",
                      "GET * HTTP/1.1",
                      "GET ftp://a/ HTTP/1.1",
                      "",
                      "GET /\x7f HTTP/1.1"}) {
        EXPECT_EQ(refusal(std::string(line) + "\r\nHost: a\r\n"), "request.malformed") << line;
    }
}

TEST(ReadHead, SaysThatItDoesNotKnowAMethod) {
    for (auto method : {"TRACE", "CONNECT", "get", "PROPFIND", "M-SEARCH", "MKCOLA", "X"}) {
        EXPECT_EQ(refusal(std::string(method) + " / HTTP/1.1\r\nHost: a\r\n"),
                  "request.method_unknown")
            << method;
    }
}

TEST(ReadHead, RefusesMalformedFields) {
    for (auto line : {"X", ": x", "X : 1", " X: 1", "\tX: 1", "X\x01: 1", "Fo@: 1", "X: a\x01",
                      "X: a\x7f", "X\xc3\xbc: 1", "X Y: 1"}) {
        EXPECT_EQ(refusal(start + line + "\r\n"), "request.malformed") << line;
    }
    EXPECT_EQ(refusal(start + std::string("X: a\0b\r\n", 8)), "request.malformed");
}

TEST(ReadHead, RefusesAmbiguousLengths) {
    for (auto lines :
         {"Content-Length: 1\r\nContent-Length: 1", "Content-Length: 1, 1", "Content-Length: +1",
          "Content-Length: -1", "Content-Length: 0x1", "Content-Length: 1 2", "Content-Length:",
          "Content-Length: 1\r\nTransfer-Encoding: chunked", "Content-Length: 99999999999999999999",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Transfer-Encoding: identity",
          "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: gzip, chunked",
          "Transfer-Encoding:", "Transfer-Encoding: \"chunked\"", "Transfer-Encoding: xchunked"}) {
        EXPECT_EQ(refusal(start + lines + "\r\n"), "request.malformed") << lines;
    }
    EXPECT_EQ(refusal("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n"), "request.malformed");
}

TEST(ReadHead, DemandsExactlyOneHost) {
    EXPECT_EQ(refusal("GET / HTTP/1.1\r\n"), "request.malformed");
    EXPECT_EQ(refusal(start + "host: a\r\n"), "request.malformed");
    EXPECT_EQ(refusal("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n"), "request.malformed");
    EXPECT_TRUE(read("GET / HTTP/1.0\r\n"));
}

TEST(ReadHead, RefusesAnAbsoluteTargetOfAnotherHost) {
    for (auto target : {"http://b/", "http://a:81/", "http://x@a/", "http://", "http:/a"}) {
        EXPECT_EQ(refusal("GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n"),
                  "request.malformed")
            << target;
    }
}

TEST(ReadHead, TurnsAnAbsoluteTargetIntoItsPath) {
    auto head = read("GET http://A:80/x?y=1 HTTP/1.1\r\nHost: a\r\n");

    EXPECT_EQ(head->request.target, "/x?y=1");
    EXPECT_EQ(read("GET http://a?y HTTP/1.1\r\nHost: a:80\r\n")->request.target, "/?y");
}

TEST(ReadHead, RefusesMoreThanAHundredFields) {
    auto lines = start;
    for (int i = 0; i < 99; ++i) lines += "X: 1\r\n";
    EXPECT_TRUE(read(lines));

    EXPECT_EQ(refusal(lines + "X: 1\r\n"), "request.header_too_large");
}

TEST(ReadHead, RefusesOtherExpectations) {
    EXPECT_EQ(refusal(start + "Expect: 200-ok\r\n"), "request.malformed");
    EXPECT_TRUE(read(start + "Expect: 100-Continue\r\n")->expects_continue);
}

TEST(ReadHead, KeepsFieldsInOrderWithoutSpaceAround) {
    auto head = read(start + "X-One: \t a b \t\r\nx-two:D\xfcsseldorf\r\nEmpty:\r\n");

    EXPECT_EQ(head->request.headers.get("x-one"), "a b");
    EXPECT_EQ(head->request.headers.get("X-Two"), "D\xfcsseldorf");
    EXPECT_TRUE(head->request.headers.has("empty"));
    EXPECT_EQ(head->request.headers.size(), 4u);
}

TEST(ReadHead, KnowsHowTheBodyIsFramed) {
    EXPECT_EQ(read(start)->body, RequestHead::Body::none);
    EXPECT_EQ(read(start + "Content-Length: 007\r\n")->content_length, 7u);
    EXPECT_EQ(read(start + "Content-Length: 7\r\n")->body, RequestHead::Body::length);
    EXPECT_EQ(read(start + "Transfer-Encoding: Chunked\r\n")->body, RequestHead::Body::chunked);
    EXPECT_TRUE(read(start + "Content-Encoding: gzip\r\n")->has_content_encoding);
}

TEST(ReadHead, KnowsWhetherTheConnectionGoesOn) {
    EXPECT_TRUE(read(start)->keep_alive);
    EXPECT_FALSE(read(start + "Connection: x, Close\r\n")->keep_alive);
    EXPECT_FALSE(read("GET / HTTP/1.0\r\n")->keep_alive);
    EXPECT_TRUE(read("GET / HTTP/1.0\r\nConnection: keep-alive\r\n")->keep_alive);
}

std::string scanned(std::string_view bytes, std::size_t limit = 1000) {
    HeadScanner scanner(limit);
    auto end = scanner.scan(bytes);
    if (!end) return std::string(end.error().reason().slug);
    return *end ? std::to_string(**end) : "more";
}

TEST(HeadScanner, FindsTheEmptyLine) {
    EXPECT_EQ(scanned("GET / HTTP/1.1\r\nHost: a\r\n\r\nbody"), "27");
    EXPECT_EQ(scanned("GET / HTTP/1.1\r\nHost: a\r\n"), "more");
    EXPECT_EQ(scanned("GET / HTTP/1.1\r"), "more");
    EXPECT_EQ(scanned(""), "more");
}

TEST(HeadScanner, RefusesOtherLineEndingsAsSoonAsItSeesThem) {
    for (auto bytes : {"GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nHost: a\n", "GET / HTTP/1.1\rHost",
                       "GET / HTTP/1.1\r\nA: b\rC: d\r\n", "GET / HTTP/1.1\r\r\n", "\n"}) {
        EXPECT_EQ(scanned(bytes), "request.malformed") << bytes;
    }
}

TEST(HeadScanner, RefusesAHeadOverTheLimitEvenIfItNeverEnds) {
    EXPECT_EQ(scanned(std::string(100, 'a'), 100), "request.header_too_large");
    EXPECT_EQ(scanned("GET / HTTP/1.1\r\n" + std::string(100, 'a') + "\r\n\r\n", 100),
              "request.header_too_large");
}

TEST(HeadScanner, GoesOnWhereItStopped) {
    HeadScanner scanner(1000);
    std::string all = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    for (std::size_t i = 1; i < all.size(); ++i) {
        auto end = scanner.scan(all.substr(0, i));
        ASSERT_TRUE(end);
        EXPECT_FALSE(end->has_value()) << i;
    }
    EXPECT_EQ(**scanner.scan(all), all.size());
}

}  // namespace
}  // namespace cardea::http
