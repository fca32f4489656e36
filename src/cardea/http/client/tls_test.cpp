// The client against peers that cannot prove who they are.
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <boost/asio/ssl.hpp>
#include <fstream>

#include "cardea/http/client/client.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/raw_peer.hpp"
#include "tests/support/run.hpp"

namespace cardea::http {
namespace {

using TlsStream = asio::ssl::stream<asio::ip::tcp::socket>;

asio::awaitable<void> answer_over_tls(Conversation<asio::ip::tcp::socket>& plain,
                                      asio::ssl::context& context, int& requests) {
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    TlsStream stream(std::move(plain.stream()), context);
    co_await stream.async_handshake(asio::ssl::stream_base::server, token);
    if (error) co_return;
    Conversation<TlsStream> talk(std::move(stream));
    for (;;) {
        auto header = co_await talk.read_header();
        if (header.empty()) co_return;
        ++requests;
        auto sent = co_await talk.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
        if (!sent) co_return;
    }
}

asio::awaitable<void> answer_in_plain(Conversation<asio::ip::tcp::socket>& talk) {
    auto sent = co_await talk.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    if (!sent) co_return;
}

class TlsPeer {
  public:
    TlsPeer(asio::io_context& io, const Certificate& certificate)
        : context(asio::ssl::context::tls_server), peer(io, script()) {
        // So that this peer can offer what the client must refuse.
        SSL_CTX_set_security_level(context.native_handle(), 0);
        context.use_certificate_chain(asio::buffer(certificate.pem));
        context.use_private_key(asio::buffer(certificate.key_pem), asio::ssl::context::pem);
    }
    std::string url() const { return "https://localhost:" + std::to_string(peer.port()) + "/"; }

    asio::ssl::context context;
    int requests = 0;
    RawPeer peer;

  private:
    RawPeer::Script script() {
        return [this](Conversation<asio::ip::tcp::socket>& talk) {
            return answer_over_tls(talk, context, requests);
        };
    }
};

struct ClientTls : testing::Test {
    ClientTls() : authority(make_certificate({.name = "Test authority", .is_authority = true})) {
        char name[] = "/tmp/cardea-authority-XXXXXX";
        close(mkstemp(name));
        ca_file = name;
        std::ofstream(ca_file) << authority.pem;
        ClientOptions options;
        options.insecure_allow_loopback = true;
        options.ca_file = ca_file;
        client = make_client(io.get_executor(), options);
    }
    ~ClientTls() override { unlink(ca_file.c_str()); }

    Result<Response> fetch(const std::string& url) {
        Request request;
        request.target = url;
        return run(io, client->send(std::move(request)));
    }
    void expect_refused(const Certificate& certificate) {
        TlsPeer peer(io, certificate);
        auto response = fetch(peer.url());
        ASSERT_FALSE(response.has_value());
        EXPECT_TRUE(response.error().is(peer_tls)) << response.error().describe();
        EXPECT_EQ(peer.requests, 0);
    }

    asio::io_context io{1};
    Certificate authority;
    std::string ca_file;
    std::unique_ptr<Client> client;
};

TEST_F(ClientTls, RefusesASelfSignedCertificate) {
    expect_refused(make_certificate({}));
}

TEST_F(ClientTls, RefusesAnotherAuthority) {
    auto other = make_certificate({.name = "Test authority", .is_authority = true});
    expect_refused(make_certificate({}, &other));
}

TEST_F(ClientTls, RefusesAnExpiredCertificate) {
    expect_refused(make_certificate({.first_day = -30, .last_day = -1}, &authority));
}

TEST_F(ClientTls, RefusesACertificateThatIsNotYetValid) {
    expect_refused(make_certificate({.first_day = 1}, &authority));
}

TEST_F(ClientTls, RefusesACertificateOfAnotherName) {
    expect_refused(make_certificate({.name = "elsewhere.example"}, &authority));
}

TEST_F(ClientTls, RefusesASha1Signature) {
    expect_refused(make_certificate({.digest = "SHA1"}, &authority));
}

TEST_F(ClientTls, RefusesTls11) {
    TlsPeer peer(io, make_certificate({}, &authority));
    SSL_CTX_set_max_proto_version(peer.context.native_handle(), TLS1_1_VERSION);

    auto response = fetch(peer.url());

    EXPECT_TRUE(response.error().is(peer_tls)) << response.error().describe();
    EXPECT_EQ(peer.requests, 0);
}

TEST_F(ClientTls, RefusesAPeerWithoutTls) {
    RawPeer peer(io, answer_in_plain);

    auto response = fetch("https://localhost:" + std::to_string(peer.port()) + "/");

    EXPECT_TRUE(response.error().is(peer_tls)) << response.error().describe();
}

TEST_F(ClientTls, TrustsTheAuthorityOnlyWithItsFile) {
    ClientOptions options;
    options.insecure_allow_loopback = true;
    client = make_client(io.get_executor(), options);

    expect_refused(make_certificate({}, &authority));
}

TEST_F(ClientTls, TrustsTheGivenAuthorityForTls12And13) {
    for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        TlsPeer peer(io, make_certificate({}, &authority));
        SSL_CTX_set_min_proto_version(peer.context.native_handle(), version);
        SSL_CTX_set_max_proto_version(peer.context.native_handle(), version);

        auto response = fetch(peer.url());

        ASSERT_TRUE(response.has_value()) << response.error().describe();
        EXPECT_EQ(response->body, "hello");
    }
}

TEST_F(ClientTls, UsesAConnectionAgain) {
    TlsPeer peer(io, make_certificate({}, &authority));

    for (int i = 0; i < 3; ++i) ASSERT_TRUE(fetch(peer.url()).has_value());

    EXPECT_EQ(peer.peer.accepted(), 1);
}

}  // namespace
}  // namespace cardea::http
