// Derivation of keys: published vectors.
#include "cardea/crypto/derive.hpp"

#include <gtest/gtest.h>

#include "cardea/base/encoding.hpp"

namespace cardea::crypto {
namespace {

std::string hex(const Result<Bytes>& bytes) {
    return bytes ? to_hex(*bytes) : bytes.error().describe();
}

TEST(Derivation, RefusesAKeyOfAnotherSize) {
    EXPECT_TRUE(aes256_ctr(as_bytes("short"), as_bytes("text")).error().is(derive_failed));
}

TEST(Derivation, RefusesScryptParametersThatAreNone) {
    EXPECT_TRUE(scrypt("p", as_bytes("s"), {.n = 3}).error().is(derive_failed));
    EXPECT_TRUE(scrypt("p", as_bytes("s"), {.n = 0}).error().is(derive_failed));
}

// RFC 1321 appendix A.5 and FIPS 180.
TEST(Derivation, DigestsAsPublished) {
    EXPECT_EQ(hex(digest(DigestKind::md5, as_bytes("abc"))), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(hex(digest(DigestKind::sha1, as_bytes("abc"))),
              "a9993e364706816aba3e25717850c26c9cd0d89d");
    EXPECT_EQ(hex(digest(DigestKind::sha256, as_bytes("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(digest(DigestKind::sha384, as_bytes("abc"))).substr(0, 32),
              "cb00753f45a35e8bb5a03d699ac65007");
    EXPECT_EQ(hex(digest(DigestKind::sha512, as_bytes("abc"))).substr(0, 32),
              "ddaf35a193617abacc417349ae204131");
}

// RFC 6070, and RFC 7914 section 11.
TEST(Derivation, ByPbkdf2IsAsPublished) {
    EXPECT_EQ(hex(pbkdf2("password", as_bytes("salt"), {DigestKind::sha1, 4096, 20})),
              "4b007901b765489abead49d926f721d065a429c1");
    EXPECT_EQ(hex(pbkdf2("passwd", as_bytes("salt"), {DigestKind::sha256, 1, 64})),
              "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
              "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
}

// RFC 7914 section 12.
TEST(Derivation, ByScryptIsAsPublished) {
    EXPECT_EQ(hex(scrypt("", {}, {.n = 16, .r = 1, .p = 1, .size = 64})),
              "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
              "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
    EXPECT_EQ(hex(scrypt("password", as_bytes("NaCl"), {.n = 1024, .r = 8, .p = 16, .size = 64})),
              "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
              "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
}

// The block cipher's answer to zero, FIPS 197's algorithm: the first block of the key stream.
TEST(Derivation, ByAesInCounterModeBeginsWithTheEncryptedZero) {
    Bytes key(32);
    EXPECT_EQ(hex(aes256_ctr(key, Bytes(16))), "dc95c078a2408989ad48a21492842087");
}

}  // namespace
}  // namespace cardea::crypto
