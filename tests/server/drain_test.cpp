// Starting and stopping: busy ports, draining, connections cut off.
#include "tests/server/fixture.hpp"

namespace cardea::http {
namespace {

class Draining : public ServerTest {
  protected:
    RawClient hold() {
        auto client = connect();
        client.send("GET /held HTTP/1.1\r\n" + std::string(host) + "\r\n");
        return client;
    }
    void stop_accepting() {
        server.on_thread([](Server& s) {
            s.stop_accepting();
            return true;
        });
    }
};

TEST_F(Draining, AnswersWhatIsInFlightAndCloses) {
    server.start();
    std::vector<RawClient> clients;
    clients.reserve(5);
    for (int i = 0; i < 5; ++i) clients.push_back(hold());
    echoes.wait_until_held(5);
    EXPECT_EQ(server.on_thread([](Server& s) { return s.in_flight(); }), 5u);

    stop_accepting();
    echoes.release();

    for (auto& client : clients) {
        auto response = client.read_response();
        EXPECT_EQ(response.status, 200);
        EXPECT_EQ(response.field("Connection"), "close");
        EXPECT_TRUE(client.is_closed());
    }
    EXPECT_TRUE(server.stop());
}

TEST_F(Draining, ClosesIdleConnectionsAtOnceAndTakesNoNewOnes) {
    server.start();
    auto idle = connect();
    EXPECT_EQ(idle.get("/").status, 200);

    stop_accepting();

    EXPECT_TRUE(idle.is_closed());
    EXPECT_FALSE(connect().is_connected());
}

TEST_F(Draining, AnswersARequestThatIsHalfSent) {
    server.start();
    auto client = connect();
    client.send("GET / HTTP/1.1\r\n");
    while (server.on_thread([](Server& s) { return s.connections(); }) == 0) {
        std::this_thread::yield();
    }
    // A request on another connection is answered after those bytes were read.
    EXPECT_EQ(connect().get("/").status, 200);
    stop_accepting();

    client.send(std::string(host) + "\r\n");

    auto response = client.read_response();
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.field("Connection"), "close");
}

TEST_F(Draining, CutsOffWhatTakesTooLong) {
    server.start();
    auto client = hold();
    echoes.wait_until_held(1);

    EXPECT_FALSE(server.stop(50ms));

    EXPECT_TRUE(client.is_closed());
}

TEST_F(Draining, OfAnIdleServerIsOver) {
    server.start();

    EXPECT_TRUE(server.stop());
}

TEST(Listening, SaysWhichPortIsBusy) {
    TestServer first;
    first.start();
    asio::io_context io(1);
    SystemClock clock;
    ServerSettings settings;
    settings.port = first.port;
    Server second(io.get_executor(), settings, first.router, clock);

    auto listening = second.listen();

    ASSERT_FALSE(listening);
    EXPECT_TRUE(listening.error().is(port_busy));
    EXPECT_NE(listening.error().detail().find(std::to_string(first.port)), std::string::npos);
}

TEST(Listening, RefusesWhatIsNoAddress) {
    asio::io_context io(1);
    SystemClock clock;
    Router router;
    ServerSettings settings;
    settings.host = "example.org";

    EXPECT_TRUE(
        Server(io.get_executor(), settings, router, clock).listen().error().is(listen_failed));
}

TEST(Listening, RefusesACertificateThatIsNotThere) {
    asio::io_context io(1);
    SystemClock clock;
    Router router;
    ServerSettings settings;
    settings.certificate_file = "/nowhere/certificate.pem";
    settings.key_file = "/nowhere/key.pem";
    Server server(io.get_executor(), settings, router, clock);

    auto listening = server.listen();

    EXPECT_TRUE(listening.error().is(certificate_unusable));
    EXPECT_NE(listening.error().detail().find("/nowhere/certificate.pem"), std::string::npos);
}

}  // namespace
}  // namespace cardea::http
