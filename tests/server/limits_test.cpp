// Sizes, times and numbers: what a client may take of the server.
#include "tests/server/fixture.hpp"

namespace cardea::http {
namespace {

class Limits : public ServerTest {
  protected:
    std::string post(std::string fields, std::string body = {}, std::string path = "/") {
        return "POST " + path + " HTTP/1.1\r\n" + std::string(host) + fields + "\r\n" + body;
    }
};

TEST_F(Limits, RefuseAHeaderOver16KiBWith431) {
    server.start();
    auto client = connect();
    client.send("GET / HTTP/1.1\r\n" + std::string(host) + "X: " + std::string(17'000, 'a'));

    EXPECT_EQ(client.read_response().status, 431);
    EXPECT_TRUE(client.is_closed());
    expect_alive();
}

TEST_F(Limits, RefuseATooLongTargetAndTooManyFields) {
    server.start();
    auto client = connect();
    EXPECT_EQ(client.get("/" + std::string(20'000, 'a')).status, 431);

    std::string fields;
    for (int i = 0; i < 200; ++i) fields += "X: 1\r\n";
    EXPECT_EQ(connect().get("/", fields).status, 431);
}

TEST_F(Limits, TakeAHeaderJustUnder16KiB) {
    server.start();

    EXPECT_EQ(connect().get("/", "X: " + std::string(16'000, 'a') + "\r\n").status, 200);
}

TEST_F(Limits, RefuseALargeBodyBeforeItIsSent) {
    server.start();
    auto client = connect();
    client.send(post("Content-Length: 10000000\r\n"));

    auto response = client.read_response();

    EXPECT_EQ(response.status, 413);
    EXPECT_EQ(response.field("Connection"), "close");
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(echoes.calls, 0);
}

TEST_F(Limits, AnswerThoseWhoSendALargeBodyAllTheSame) {
    server.start();
    auto client = connect();
    client.send(post("Content-Length: 500000\r\n", std::string(500'000, 'a')));

    EXPECT_EQ(client.read_response().status, 413);
}

TEST_F(Limits, RefuseAChunkedBodyWithoutEnd) {
    server.start();
    auto client = connect();
    client.send(post("Transfer-Encoding: chunked\r\n"));
    std::string chunk = "400\r\n" + std::string(1024, 'a') + "\r\n";
    for (int i = 0; i < 100 && client.send(chunk); ++i) {
    }

    EXPECT_EQ(client.read_response().status, 413);
    expect_alive();
}

TEST_F(Limits, RefuseInsteadOfAskingForABodyThatIsTooLarge) {
    server.start();
    auto client = connect();
    client.send(post("Content-Length: 10000000\r\nExpect: 100-continue\r\n"));

    EXPECT_EQ(client.read_response().status, 413);
}

TEST_F(Limits, AreThoseOfTheRouteWhereItSaysSo) {
    server.start();
    auto client = connect();
    client.send(post("Content-Length: 500000\r\n", std::string(500'000, 'a'), "/big"));

    auto response = client.read_response();

    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body.size(), 500'000u);
}

TEST_F(Limits, AskForABodyThatFits) {
    server.start();
    auto client = connect();
    client.send(post("Content-Length: 2\r\nExpect: 100-continue\r\n"));
    EXPECT_EQ(client.read_response().status, 100);

    client.send("ab");

    EXPECT_EQ(client.read_response().body, "ab");
}

TEST_F(Limits, EndASlowHeaderWith408) {
    server.settings.header_limit = 50ms;
    server.start();
    auto client = connect();
    client.send("GET / HTTP/1.1\r\nHost");

    auto response = client.read_response();

    EXPECT_EQ(response.status, 408);
    EXPECT_TRUE(client.is_closed());
}

TEST_F(Limits, EndASlowHeaderEvenIfItKeepsComing) {
    server.settings.header_limit = 100ms;
    server.start();
    auto client = connect();
    client.set_limit(5ms);
    int sent = 0;
    RawResponse response;
    client.send("GET / HTTP/1.1\r\n");
    while (response.status == 0 && sent < 1000 && client.send("X: 1\r\n")) {
        ++sent;
        response = client.read_response();
    }

    EXPECT_EQ(response.status, 408);
}

TEST_F(Limits, EndASlowBodyWith408) {
    server.settings.body_limit = 50ms;
    server.start();
    auto client = connect();
    client.send(post("Content-Length: 10\r\n", "abc"));

    EXPECT_EQ(client.read_response().status, 408);
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(echoes.calls, 0);
}

TEST_F(Limits, EndIdleConnectionsWithoutAWord) {
    server.settings.idle_limit = 50ms;
    server.start();
    auto fresh = connect();
    auto used = connect();
    EXPECT_EQ(used.get("/").status, 200);

    EXPECT_TRUE(fresh.is_closed());
    EXPECT_TRUE(used.is_closed());
}

TEST_F(Limits, EndConnectionsThatDoNotTakeTheirAnswer) {
    server.settings.write_limit = 50ms;
    server.start();
    auto client = connect();
    client.send("GET /large HTTP/1.1\r\n" + std::string(host) + "\r\n");

    while (echoes.calls == 0) std::this_thread::yield();
    while (server.on_thread([](Server& s) { return s.connections(); }) > 0) {
        std::this_thread::yield();
    }
    EXPECT_LT(client.read_all().size(), Echoes::large_size);
    expect_alive();
}

TEST_F(Limits, DeliverALargeAnswerToThoseWhoTakeIt) {
    server.start();

    EXPECT_EQ(connect().get("/large").body.size(), Echoes::large_size);
}

TEST_F(Limits, AnswerForAHandlerThatTakesTooLongAndLetItFinish) {
    server.settings.idle_limit = 100ms;  // a quick tick
    server.router.add_gate(deadline_gate(50ms));
    server.start();
    auto client = connect();

    auto response = client.get("/held");

    EXPECT_EQ(response.status, 503);
    EXPECT_NE(response.body.find("deadline.passed"), std::string::npos);
    EXPECT_TRUE(client.is_closed());
    EXPECT_EQ(server.on_thread([](Server& s) { return s.in_flight(); }), 1u);
    echoes.release();
    EXPECT_TRUE(server.stop());
    EXPECT_EQ(echoes.finished, 1);
}

TEST_F(Limits, OfOneAddressLeaveRoomForOthers) {
    server.settings.connections_per_address = 3;
    server.start();
    std::vector<RawClient> greedy;
    for (int i = 0; i < 3; ++i) {
        greedy.push_back(connect());
        greedy.back().send("GET /held HTTP/1.1\r\n" + std::string(host) + "\r\n");
    }
    echoes.wait_until_held(3);

    auto refused = connect();
    refused.send("GET / HTTP/1.1\r\n" + std::string(host) + "\r\n");

    EXPECT_TRUE(refused.is_closed());
    EXPECT_EQ(connect("127.0.0.2").get("/").status, 200);
    echoes.release();
    for (auto& client : greedy) EXPECT_EQ(client.read_response().status, 200);
}

TEST_F(Limits, OfAllConnectionsCloseTheOneThatIsIdleLongest) {
    server.settings.connections = 2;
    server.start();
    auto first = connect();
    EXPECT_EQ(first.get("/").status, 200);
    auto second = connect();
    EXPECT_EQ(second.get("/").status, 200);

    auto third = connect();

    EXPECT_EQ(third.get("/").status, 200);
    EXPECT_TRUE(first.is_closed());
    EXPECT_EQ(second.get("/").status, 200);
}

}  // namespace
}  // namespace cardea::http
