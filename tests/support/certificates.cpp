#include "tests/support/certificates.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>

namespace cardea {
namespace {

template <auto f>
struct Free {
    template <class T>
    void operator()(T* thing) const {
        f(thing);
    }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Pkey = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Free<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;

void must(bool good, const char* what) {
    if (!good) throw std::runtime_error(what);
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    auto size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string to_pem(X509* certificate) {
    Bio bio(BIO_new(BIO_s_mem()));
    must(PEM_write_bio_X509(bio.get(), certificate) == 1, "PEM_write_bio_X509");
    return text_of(bio.get());
}

std::string to_pem(EVP_PKEY* key) {
    Bio bio(BIO_new(BIO_s_mem()));
    must(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
         "PEM_write_bio_PrivateKey");
    return text_of(bio.get());
}

Pkey key_from(const std::string& pem) {
    Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return Pkey(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
}

X509Ptr certificate_from(const std::string& pem) {
    Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    return X509Ptr(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    must(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "X509_add_ext");
}

void set_name(X509_NAME* name, const std::string& text) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.c_str());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes, -1, -1, 0);
}

std::string alternative_names(const std::string& name) {
    auto names = "DNS:" + name;
    return name == "localhost" ? names + ",IP:127.0.0.1" : names;
}

}  // namespace

Certificate make_certificate(const CertificateRequest& request, const Certificate* issuer) {
    constexpr long day = 24 * 60 * 60;
    Pkey key(EVP_EC_gen("P-256"));
    X509Ptr certificate(X509_new());
    auto* made = certificate.get();
    must(key && made != nullptr, "EVP_EC_gen");
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), request.is_authority ? 1 : 2);
    X509_gmtime_adj(X509_getm_notBefore(made), request.first_day * day);
    X509_gmtime_adj(X509_getm_notAfter(made), request.last_day * day);
    X509_set_pubkey(made, key.get());
    set_name(X509_get_subject_name(made), request.name);
    auto parent = issuer != nullptr ? certificate_from(issuer->pem) : nullptr;
    auto* signer = parent ? parent.get() : made;
    X509_set_issuer_name(made, X509_get_subject_name(signer));
    add_extension(made, signer, NID_basic_constraints,
                  request.is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!request.is_authority) {
        add_extension(made, signer, NID_subject_alt_name, alternative_names(request.name));
    }
    auto signing_key = issuer != nullptr ? key_from(issuer->key_pem) : nullptr;
    const auto* digest = EVP_get_digestbyname(request.digest.c_str());
    must(X509_sign(made, signing_key ? signing_key.get() : key.get(), digest) > 0, "X509_sign");
    return {to_pem(made), to_pem(key.get())};
}

}  // namespace cardea
