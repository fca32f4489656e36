// Certificates made on the spot, good ones and bad ones, for tests of TLS.
#pragma once

#include <string>

namespace cardea {

struct Certificate {
    std::string pem;
    std::string key_pem;
};

struct CertificateRequest {
    std::string name = "localhost";  ///< Also subject alternative name, with 127.0.0.1 where local.
    int first_day = -1;              ///< Days from now.
    int last_day = 30;
    std::string digest = "SHA256";
    bool is_authority = false;
};

/// Signed by `issuer`, or by itself without one. P-256. Throws when OpenSSL refuses.
Certificate make_certificate(const CertificateRequest& request,
                             const Certificate* issuer = nullptr);

}  // namespace cardea
