// TLS: what is spoken, what is refused, and handshakes that never end.
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>

#include "tests/server/fixture.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/temp_folder.hpp"

namespace cardea::http {
namespace {

/// A blocking TLS client that believes any certificate.
class TlsClient {
  public:
    explicit TlsClient(std::uint16_t port, int highest = TLS1_3_VERSION)
        : raw_(port), context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
        SSL_CTX_set_security_level(context_.get(), 0);
        SSL_CTX_set_max_proto_version(context_.get(), highest);
        ssl_.reset(SSL_new(context_.get()));
        SSL_set_fd(ssl_.get(), raw_.descriptor());
        const unsigned char protocols[] = "\x02h2\x08http/1.1";
        SSL_set_alpn_protos(ssl_.get(), protocols, sizeof protocols - 1);
        connected_ = SSL_connect(ssl_.get()) == 1;
    }
    bool is_connected() const { return connected_; }
    std::string protocol() const {
        const unsigned char* name = nullptr;
        unsigned length = 0;
        SSL_get0_alpn_selected(ssl_.get(), &name, &length);
        return {reinterpret_cast<const char*>(name), length};
    }
    std::string ask(const std::string& request) {
        SSL_write(ssl_.get(), request.data(), static_cast<int>(request.size()));
        char buffer[8192];
        int count = SSL_read(ssl_.get(), buffer, sizeof buffer);
        return std::string(buffer, count > 0 ? static_cast<std::size_t>(count) : 0);
    }

  private:
    RawClient raw_;
    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
    std::unique_ptr<SSL, void (*)(SSL*)> ssl_{nullptr, SSL_free};
    bool connected_ = false;
};

class Tls : public ServerTest {
  protected:
    Tls() {
        auto certificate = make_certificate({});
        use(certificate.pem, certificate.key_pem);
    }
    void use(const std::string& certificate, const std::string& key) {
        server.settings.certificate_file = folder.path() + "/certificate.pem";
        server.settings.key_file = folder.path() + "/key.pem";
        std::ofstream(server.settings.certificate_file) << certificate;
        std::ofstream(server.settings.key_file) << key;
        std::filesystem::permissions(server.settings.key_file, std::filesystem::perms(0600));
    }
    const std::string request = "GET /target HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    TempFolder folder;
};

TEST_F(Tls, RefusesProtocolsBefore12) {
    server.start();

    EXPECT_FALSE(TlsClient(server.port, TLS1_1_VERSION).is_connected());
    EXPECT_TRUE(TlsClient(server.port, TLS1_2_VERSION).is_connected());
}

TEST_F(Tls, RefusesToStartWithAKeyOfAnotherCertificate) {
    use(make_certificate({}).pem, make_certificate({}).key_pem);

    EXPECT_THROW(server.start(), std::runtime_error);
}

TEST_F(Tls, RefusesToStartWithAKeyThatOthersCanRead) {
    std::filesystem::permissions(server.settings.key_file, std::filesystem::perms(0644));
    EXPECT_THROW(server.start(), std::runtime_error);

    std::filesystem::permissions(server.settings.key_file, std::filesystem::perms(0640));
    EXPECT_NO_THROW(server.start());
}

TEST_F(Tls, ServesRequestAfterRequestAndAsksForHttpsFromThenOn) {
    server.start();
    TlsClient client(server.port);
    ASSERT_TRUE(client.is_connected());

    for (int i = 0; i < 3; ++i) {
        auto answer = client.ask(request);
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200")) << answer;
        EXPECT_NE(answer.find("Strict-Transport-Security: "), std::string::npos);
    }
}

TEST_F(Tls, SpeaksHttp11WhateverElseIsOffered) {
    server.start();

    EXPECT_EQ(TlsClient(server.port).protocol(), "http/1.1");
}

TEST_F(Tls, EndsHandshakesThatNeverBegin) {
    server.settings.header_limit = 50ms;
    server.start();
    auto silent = connect();

    EXPECT_TRUE(silent.is_closed());
}

TEST_F(Tls, ClosesOnThoseWhoSpeakPlainHttp) {
    server.start();
    auto plain = connect();
    plain.send(request);

    EXPECT_EQ(plain.read_all().find("HTTP/1.1"), std::string::npos);
    EXPECT_TRUE(TlsClient(server.port).is_connected());
}

TEST_F(Tls, DrainsLikePlainHttp) {
    server.start();
    TlsClient idle(server.port);
    EXPECT_TRUE(idle.ask(request).starts_with("HTTP/1.1 200"));

    EXPECT_TRUE(server.stop());
}

}  // namespace
}  // namespace cardea::http
