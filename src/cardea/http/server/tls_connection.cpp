// Connections in TLS, and the context they share.
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "cardea/http/server/connection.hpp"
#include "cardea/schema/environment.hpp"

namespace cardea::http {

class TlsContext {
  public:
    TlsContext() : context(asio::ssl::context::tls_server) {}
    asio::ssl::context context;
};

namespace {

/// The one protocol spoken here (RFC 7301).
int choose_protocol(SSL*, const unsigned char** out, unsigned char* length,
                    const unsigned char* offered, unsigned int size, void*) {
    static constexpr unsigned char known[] = "\x08http/1.1";
    unsigned char* chosen = nullptr;
    int found = SSL_select_next_proto(&chosen, length, known, sizeof known - 1, offered, size);
    *out = chosen;
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

void harden(SSL_CTX* context) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
}

}  // namespace

Result<std::shared_ptr<TlsContext>> make_tls_context(const ServerSettings& settings) {
    auto tls = std::make_shared<TlsContext>();
    harden(tls->context.native_handle());
    boost::system::error_code error;
    tls->context.use_certificate_chain_file(settings.certificate_file, error);
    if (error) {
        return fail(certificate_unusable, settings.certificate_file + ": " + error.message());
    }
    // Refuses a key that others on this machine can read.
    auto key = schema::read_secret_file(settings.key_file);
    if (!key) return fail(certificate_unusable, key.error());
    tls->context.use_private_key(asio::buffer(key->reveal()), asio::ssl::context::pem, error);
    if (error) return fail(certificate_unusable, settings.key_file + ": " + error.message());
    if (SSL_CTX_check_private_key(tls->context.native_handle()) != 1) {
        return fail(certificate_unusable, "the key does not belong to the certificate");
    }
    return tls;
}

void start_tls_connection(std::shared_ptr<Core> core, Tcp::socket socket, IpAddress peer) {
    using Stream = asio::ssl::stream<Tcp::socket>;
    Stream stream(std::move(socket), core->tls->context);
    std::make_shared<Connection<Stream>>(std::move(core), std::move(stream), peer)->start();
}

}  // namespace cardea::http
