#include "cardea/http/server/response_text.hpp"

#include <gtest/gtest.h>

namespace cardea::http {
namespace {

std::string text_of(const Response& response, const Framing& framing) {
    std::string out;
    append_response(out, response, framing);
    return out;
}
const Framing usual{.date = "D"};

TEST(ResponseText, HasHeaderAndBodyInOnePiece) {
    Response response{404, {{"X", "1"}}, "abc"};

    EXPECT_EQ(text_of(response, usual),
              "HTTP/1.1 404 Not Found\r\nX: 1\r\nDate: D\r\nContent-Length: 3\r\n\r\nabc");
}

TEST(ResponseText, ForHeadTellsTheLengthAndHoldsItsBodyBack) {
    Framing framing = usual;
    framing.method = Method::head;

    EXPECT_EQ(text_of({200, {}, "abc"}, framing),
              "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 3\r\n\r\n");
}

TEST(ResponseText, WithoutContentHasNoLength) {
    EXPECT_EQ(text_of({204, {}, ""}, usual), "HTTP/1.1 204 No Content\r\nDate: D\r\n\r\n");
    EXPECT_EQ(text_of({304, {}, "x"}, usual), "HTTP/1.1 304 Not Modified\r\nDate: D\r\n\r\n");
}

TEST(ResponseText, SaysThatTheConnectionEnds) {
    Framing framing = usual;
    framing.keep_alive = false;
    EXPECT_NE(text_of({}, framing).find("Connection: close\r\n"), std::string::npos);

    framing.keep_alive = true;
    framing.minor_version = 0;
    EXPECT_NE(text_of({}, framing).find("Connection: keep-alive\r\n"), std::string::npos);
}

TEST(ResponseText, IgnoresFramingOfTheHandler) {
    Response response{200,
                      {{"content-length", "99"},
                       {"Connection", "upgrade"},
                       {"Date", "never"},
                       {"Transfer-Encoding", "chunked"}},
                      "abc"};

    EXPECT_EQ(text_of(response, usual),
              "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 3\r\n\r\nabc");
}

}  // namespace
}  // namespace cardea::http
