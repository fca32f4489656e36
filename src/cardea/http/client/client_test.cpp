// The client against peers that are slow, large, broken, or not where one talks to.
#include "cardea/http/client/client.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>
#include <map>

#include "cardea/runtime/deadline.hpp"
#include "tests/support/raw_peer.hpp"
#include "tests/support/run.hpp"

namespace cardea::http {
namespace {

using Talk = Conversation<RawPeer::Stream>;

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

Request get(std::string url) {
    Request request;
    request.target = std::move(url);
    return request;
}

// What a peer saw.
struct Seen {
    std::vector<std::string> headers;
    std::string body;
    bool hung_up = false;
};

asio::awaitable<void> answer_all(Talk& talk, std::string answer, Seen& seen, std::size_t body) {
    for (;;) {
        auto header = co_await talk.read_header();
        if (header.empty()) co_return;
        seen.headers.push_back(header);
        seen.body = co_await talk.read_body(body);
        auto sent = co_await talk.send(answer);
        if (!sent) co_return;
    }
}
asio::awaitable<void> answer_one(Talk& talk, std::string answer) {
    (void)co_await talk.read_header();
    auto sent = co_await talk.send(answer);
    if (!sent) co_return;
}
asio::awaitable<void> note_the_end(Talk& talk, Seen& seen) {
    co_await talk.wait_for_the_end();
    seen.hung_up = true;
}

// Answers every request on the connection with the same bytes.
RawPeer::Script answering(std::string answer) {
    auto seen = std::make_shared<Seen>();
    return [answer, seen](Talk& talk) { return answer_all(talk, answer, *seen, 0); };
}
RawPeer::Script answering(std::string answer, Seen& seen, std::size_t body = 0) {
    return [answer, &seen, body](Talk& talk) { return answer_all(talk, answer, seen, body); };
}
// Answers once and closes.
RawPeer::Script answering_once(std::string answer) {
    return [answer](Talk& talk) { return answer_one(talk, answer); };
}

struct HttpClient : testing::Test {
    explicit HttpClient(ClientOptions options = {.insecure_allow_loopback = true})
        : client(make_client(io.get_executor(), std::move(options))) {}

    Result<Response> send(Request request, Limits limits = {}) {
        return run(io, client->send(std::move(request), limits));
    }
    Result<Response> fetch(RawPeer::Script script, Limits limits = {}) {
        RawPeer peer(io, std::move(script));
        return send(get(peer.url()), limits);
    }
    std::string_view refusal(RawPeer::Script script, Limits limits = {}) {
        auto response = fetch(std::move(script), limits);
        return response ? "accepted" : response.error().reason().slug;
    }

    asio::io_context io{1};
    std::unique_ptr<Client> client;
};

// --- Where it does not go

struct CautiousClient : HttpClient {
    CautiousClient() : HttpClient(ClientOptions{}) {}
};

TEST_F(CautiousClient, RefusesPlainHttp) {
    RawPeer peer(io, answering(ok));

    auto response = send(get(peer.url()));

    EXPECT_TRUE(response.error().is(url_refused));
    EXPECT_EQ(peer.accepted(), 0);
}

TEST_F(CautiousClient, RefusesLoopbackHoweverItIsSpelled) {
    RawPeer peer(io, answering(ok));
    for (std::string host : {"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.0.0.1",
                             "0177.0.0.1", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]"}) {
        auto response = send(get("https://" + host + ":" + std::to_string(peer.port()) + "/"));

        ASSERT_FALSE(response.has_value()) << host;
        EXPECT_TRUE(response.error().is(url_refused)) << host << response.error().describe();
    }
    EXPECT_EQ(peer.accepted(), 0);
}

TEST_F(CautiousClient, RefusesInnerNetworksAndTheMetadataService) {
    for (std::string host : {"10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
                             "[fe80::1]", "[fd00:ec2::254]", "[::ffff:169.254.169.254]"}) {
        auto response = send(get("https://" + host + "/"));

        EXPECT_TRUE(response.error().is(url_refused)) << host << response.error().describe();
    }
}

TEST_F(HttpClient, RefusesInnerNetworksEvenWhereLoopbackIsAllowed) {
    EXPECT_TRUE(send(get("https://169.254.169.254/")).error().is(url_refused));
    EXPECT_TRUE(send(get("http://169.254.169.254/")).error().is(url_refused));
    EXPECT_TRUE(send(get("http://0.0.0.0/")).error().is(url_refused));
}

TEST_F(HttpClient, RefusesPlainHttpBeyondLoopback) {
    EXPECT_TRUE(send(get("http://1.1.1.1/")).error().is(url_refused));
}

TEST_F(HttpClient, RefusesOtherSchemesAndUrlsThatAreNone) {
    for (std::string url :
         {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "", "/path", "https://",
          "http://user:secret@127.0.0.1/", "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y"}) {
        auto response = send(get(url));

        ASSERT_FALSE(response.has_value()) << url;
        EXPECT_TRUE(response.error().is(url_refused)) << url << response.error().describe();
    }
}

TEST_F(HttpClient, FollowsNoRedirect) {
    RawPeer target(io, answering(ok));
    auto answer = "HTTP/1.1 307 Temporary Redirect\r\nLocation: " + target.url() +
                  "\r\nContent-Length: 0\r\n\r\n";

    auto response = fetch(answering(answer));

    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 307);
    EXPECT_EQ(response->headers.get("location"), target.url());
    EXPECT_EQ(target.accepted(), 0);
}

TEST_F(HttpClient, UsesNoProxyFromTheEnvironment) {
    RawPeer proxy(io, answering(ok));
    setenv("http_proxy", proxy.url().c_str(), 1);
    setenv("ALL_PROXY", proxy.url().c_str(), 1);

    auto response = fetch(answering(ok));
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");

    EXPECT_TRUE(response.has_value());
    EXPECT_EQ(proxy.accepted(), 0);
}

// --- Peers that fail

TEST_F(HttpClient, SaysUnreachableWhenNobodyListens) {
    std::string url;
    {
        RawPeer peer(io, answering(ok));
        url = peer.url();
        peer.stop();
    }
    io.poll();

    EXPECT_TRUE(send(get(url)).error().is(peer_unreachable));
}

TEST_F(HttpClient, SaysUnreachableForNamesThatDoNotExist) {
    // RFC 6761: resolvers answer `invalid` themselves.
    EXPECT_TRUE(send(get("https://nobody.invalid/")).error().is(peer_unreachable));
}

TEST_F(HttpClient, SaysUnreachableForBrokenAnswers) {
    for (const std::string& answer : {
             std::string(""),
             std::string("<html>not HTTP</html>\r\n\r\n"),
             std::string("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut off"),
             std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"),
             std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n"),
             std::string("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                         "Content-Length: 5\r\n\r\nhello"),
         }) {
        EXPECT_EQ(refusal(answering_once(answer)), "peer.unreachable") << answer;
    }
}

asio::awaitable<void> reset_in_the_middle(Talk& talk) {
    (void)co_await talk.read_header();
    auto sent = co_await talk.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhel");
    if (!sent) co_return;
    talk.stream().set_option(asio::socket_base::linger(true, 0));
    talk.stream().close();
}
TEST_F(HttpClient, SaysUnreachableWhenTheConnectionIsReset) {
    EXPECT_EQ(refusal(reset_in_the_middle), "peer.unreachable");
}

// --- Deadlines

asio::awaitable<void> silent(Talk& talk) {
    co_await talk.wait_for_the_end();
}
asio::awaitable<void> dripping(Talk& talk) {
    (void)co_await talk.read_header();
    auto going_on = co_await talk.send("HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n");
    while (going_on) {
        co_await talk.pause(2ms);
        going_on = co_await talk.send(".");
    }
}

std::chrono::steady_clock::duration taken_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::steady_clock::now() - begin;
}

TEST_F(HttpClient, GivesUpWhenTheFirstByteIsLate) {
    auto begin = std::chrono::steady_clock::now();

    EXPECT_EQ(refusal(silent, {.first_byte = 40ms, .total = 10s}), "peer.timeout");
    EXPECT_LT(taken_since(begin), 5s);
}

TEST_F(HttpClient, GivesUpOnADrippingAnswerAtTheTotalDeadline) {
    auto begin = std::chrono::steady_clock::now();

    EXPECT_EQ(refusal(dripping, {.first_byte = 10s, .total = 80ms}), "peer.timeout");
    EXPECT_GE(taken_since(begin), 80ms);
    EXPECT_LT(taken_since(begin), 5s);
}

TEST_F(HttpClient, GivesUpWhenTheConnectionIsLate) {
    // A listener whose queue is full lets further connections wait.
    asio::ip::tcp::acceptor acceptor(io, asio::ip::tcp::v4());
    acceptor.bind({asio::ip::make_address("127.0.0.1"), 0});
    acceptor.listen(0);
    std::vector<asio::ip::tcp::socket> queue;
    for (int i = 0; i < 3; ++i) {
        queue.emplace_back(io).async_connect(acceptor.local_endpoint(), asio::detached);
    }
    io.poll();
    auto url = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "/";

    auto response = send(get(url), {.connect = 50ms});

    EXPECT_TRUE(response.error().is(peer_timeout)) << response.error().describe();
}

TEST_F(HttpClient, CountsTheWaitForAFreeConnectionToo) {
    RawPeer peer(io, silent);
    std::vector<std::string> refusals;
    auto keep = [&refusals](std::exception_ptr, Result<Response> response) {
        refusals.emplace_back(response ? "accepted" : response.error().reason().slug);
    };
    for (int i = 0; i < 12; ++i) {
        Limits limits{.total = 60ms};
        asio::co_spawn(io, client->send(get(peer.url()), limits), keep);
    }

    while (refusals.size() < 12 && io.run_one() > 0) {
    }

    EXPECT_EQ(refusals, std::vector<std::string>(12, "peer.timeout"));
}

// --- Too much

TEST_F(HttpClient, RefusesALargeAnswerByItsLength) {
    EXPECT_EQ(refusal(answering_once("HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n")),
              "peer.too_large");
}

asio::awaitable<void> endless(Talk& talk) {
    (void)co_await talk.read_header();
    auto going_on = co_await talk.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    auto chunk = "1000\r\n" + std::string(0x1000, '.') + "\r\n";
    while (going_on) going_on = co_await talk.send(chunk);
}
TEST_F(HttpClient, RefusesAnEndlessAnswerAtTheLimit) {
    EXPECT_EQ(refusal(endless), "peer.too_large");
}

asio::awaitable<void> endless_headers(Talk& talk) {
    (void)co_await talk.read_header();
    auto going_on = co_await talk.send("HTTP/1.1 200 OK\r\n");
    auto line = "X-More: " + std::string(1000, '.') + "\r\n";
    while (going_on) going_on = co_await talk.send(line);
}
TEST_F(HttpClient, RefusesEndlessHeaders) {
    EXPECT_EQ(refusal(endless_headers), "peer.too_large");
}

std::string gzip_zeros(std::size_t megabytes) {
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    std::string zeros(1 << 20, '\0');
    std::string packed;
    std::array<char, 65536> out{};
    for (std::size_t i = 0; i <= megabytes; ++i) {
        stream.next_in = reinterpret_cast<Bytef*>(zeros.data());
        stream.avail_in = i < megabytes ? static_cast<uInt>(zeros.size()) : 0;
        do {
            stream.next_out = reinterpret_cast<Bytef*>(out.data());
            stream.avail_out = out.size();
            deflate(&stream, i < megabytes ? Z_NO_FLUSH : Z_FINISH);
            packed.append(out.data(), out.size() - stream.avail_out);
        } while (stream.avail_out == 0);
    }
    deflateEnd(&stream);
    return packed;
}

std::string gzip_answer(const std::string& packed) {
    return "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " +
           std::to_string(packed.size()) + "\r\n\r\n" + packed;
}

std::size_t highest_memory_kib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
    }
    return 0;
}

TEST_F(HttpClient, RefusesACompressionBombWithoutUnpackingIt) {
    auto bomb = gzip_answer(gzip_zeros(400));
    ASSERT_LT(bomb.size(), 1U << 20U);
    auto before = highest_memory_kib();

    EXPECT_EQ(refusal(answering_once(bomb)), "peer.too_large");

    EXPECT_LT(highest_memory_kib() - before, 16U * 1024U);
}

TEST_F(HttpClient, CountsTheLimitAfterDecoding) {
    auto packed = gzip_answer(gzip_zeros(1));

    EXPECT_EQ(refusal(answering_once(packed), {.response_bytes = (1 << 20) - 1}), "peer.too_large");
    EXPECT_EQ(refusal(answering_once(packed), {.response_bytes = 1 << 20}), "accepted");
}

// --- What works

TEST_F(HttpClient, BringsStatusHeadersAndBody) {
    auto response =
        fetch(answering("HTTP/1.1 418 I'm a teapot\r\nX-One: 1\r\nX-One: 2\r\n"
                        "Content-Length: 5\r\n\r\nhello"));

    ASSERT_TRUE(response.has_value()) << response.error().describe();
    EXPECT_EQ(response->status, 418);
    EXPECT_EQ(response->headers.count("x-one"), 2U);
    EXPECT_EQ(response->body, "hello");
}

TEST_F(HttpClient, DecodesGzipAndSaysNoMoreThatItWasEncoded) {
    auto response = fetch(answering(gzip_answer(gzip_zeros(1))));

    ASSERT_TRUE(response.has_value()) << response.error().describe();
    EXPECT_EQ(response->body.size(), 1U << 20U);
    EXPECT_FALSE(response->headers.has("content-encoding"));
}

TEST_F(HttpClient, SkipsInterimAnswers) {
    auto response = fetch(answering("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n" + ok));

    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 200);
    EXPECT_FALSE(response->headers.has("x-early"));
}

TEST_F(HttpClient, SendsWhatItWasGivenAndNothingMore) {
    Seen seen;
    RawPeer peer(io, answering(ok, seen, 3));
    auto request = get(peer.url("/token?x=1"));
    request.method = Method::post;
    request.headers.set("Content-Type", "application/json");
    request.headers.set("Authorization", "Basic eDp5");
    request.body = "a=b";

    ASSERT_TRUE(send(std::move(request)).has_value());

    const auto& header = seen.headers.at(0);
    EXPECT_TRUE(header.starts_with("POST /token?x=1 HTTP/1.1\r\n")) << header;
    EXPECT_NE(header.find("Content-Type: application/json\r\n"), std::string::npos);
    EXPECT_NE(header.find("Authorization: Basic eDp5\r\n"), std::string::npos);
    EXPECT_NE(header.find("User-Agent: cardea\r\n"), std::string::npos);
    EXPECT_NE(header.find("Content-Length: 3\r\n"), std::string::npos);
    EXPECT_EQ(header.find("Expect"), std::string::npos);
    EXPECT_EQ(header.find("Cookie"), std::string::npos);
    EXPECT_EQ(seen.body, "a=b");
}

TEST_F(HttpClient, UsesEveryMethod) {
    for (auto method : {Method::get, Method::post, Method::put, Method::patch, Method::delete_}) {
        Seen seen;
        RawPeer peer(io, answering(ok, seen));
        auto request = get(peer.url());
        request.method = method;

        ASSERT_TRUE(send(std::move(request)).has_value());
        const auto& header = seen.headers.at(0);
        EXPECT_TRUE(header.starts_with(std::string(to_string(method)) + " / HTTP/1.1\r\n"));
        EXPECT_EQ(header.find("Content-Type"), std::string::npos) << header;
    }
}

TEST_F(HttpClient, KeepsNoCookies) {
    Seen seen;
    auto answer = "HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 0\r\n\r\n";
    RawPeer peer(io, answering(answer, seen));

    ASSERT_TRUE(send(get(peer.url())).has_value());
    ASSERT_TRUE(send(get(peer.url())).has_value());

    ASSERT_EQ(seen.headers.size(), 2U);
    EXPECT_EQ(seen.headers[1].find("Cookie"), std::string::npos);
}

TEST_F(HttpClient, UsesAConnectionAgain) {
    RawPeer peer(io, answering(ok));

    for (int i = 0; i < 5; ++i) ASSERT_TRUE(send(get(peer.url())).has_value());

    EXPECT_EQ(peer.accepted(), 1);
}

TEST_F(HttpClient, SendsManyRequestsAtOnceOverFewConnections) {
    RawPeer peer(io, answering(ok));
    int good = 0;
    auto count = [&good](std::exception_ptr, Result<Response> response) {
        good += response && response->body == "hello";
    };
    for (int i = 0; i < 20; ++i) {
        Limits limits;
        asio::co_spawn(io, client->send(get(peer.url()), limits), count);
    }

    while (good < 20 && io.run_one_for(5s) > 0) {
    }

    EXPECT_EQ(good, 20);
    EXPECT_LE(peer.accepted(), 8);
}

// --- Going away early

TEST_F(HttpClient, StopsATransferWhoseCallerGaveUp) {
    Seen seen;
    RawPeer peer(io, [&seen](Talk& talk) { return note_the_end(talk, seen); });
    Limits limits;
    auto task = client->send(get(peer.url()), limits);

    auto response = run(io, runtime::within(30ms, std::move(task)));
    while (!seen.hung_up && io.run_one_for(5s) > 0) {
    }

    EXPECT_TRUE(response.error().is(deadline_passed));
    EXPECT_TRUE(seen.hung_up);
}

TEST_F(HttpClient, MayBeDestroyedWhileTransfersAreUnderWay) {
    RawPeer peer(io, silent);
    std::vector<std::string> refusals;
    auto keep = [&refusals](std::exception_ptr, Result<Response> response) {
        refusals.emplace_back(response ? "accepted" : response.error().reason().slug);
    };
    for (int i = 0; i < 3; ++i) {
        Limits limits;
        asio::co_spawn(io, client->send(get(peer.url()), limits), keep);
    }
    while (peer.accepted() < 3) io.run_one();

    client.reset();
    while (refusals.size() < 3 && io.run_one_for(5s) > 0) {
    }

    EXPECT_EQ(refusals, std::vector<std::string>(3, "peer.unreachable"));
}

TEST_F(HttpClient, MayBeDestroyedWithCallersThatNeverWakeUp) {
    RawPeer peer(io, silent);
    Limits limits;
    asio::co_spawn(io, client->send(get(peer.url()), limits), asio::detached);
    while (peer.accepted() < 1) io.run_one();

    client.reset();  // and the event loop goes away with the caller still in it
}

}  // namespace
}  // namespace cardea::http
