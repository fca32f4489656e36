// LDAP's userPassword schemes. The hashes are passlib's and hashlib's.
#include "cardea/password/formats/ldap.hpp"

#include "cardea/password/formats/reading_fixture.hpp"

namespace cardea::password::formats {
namespace {

TEST(Ldap, WithADigestOfAnotherSizeIsMalformed) {
    EXPECT_EQ(outcome("{SHA}"), malformed);
    EXPECT_EQ(outcome("{SSHA}LvuoKCx9c642C0s6Mfq8hHzNz9g="), malformed) << "no salt";
    EXPECT_EQ(outcome("{SHA}5j9eZrPBmh9qaHyfoV9z21A4vpQ4x7j3"), malformed) << "a salt";
    EXPECT_EQ(outcome("{SHA256}LvuoKCx9c642C0s6Mfq8hHzNz9g="), malformed);
    EXPECT_EQ(outcome("{SHA}LvuoKCx9c642C0s6Mfq8hHzNz9g"), malformed) << "no padding";
    EXPECT_EQ(outcome("{SHA}LvuoKCx9c642C0s6Mfq8hHzNz9h="), malformed) << "stray bits";
}

TEST(Ldap, OfAnotherSchemeIsMalformed) {
    for (std::string_view scheme :
         {"{CLEARTEXT}secret", "{}", "{", "secret", "{SHA", "{SHA3}AAAA", "{CRYPT}", "{CRYPT}plain",
          "{CRYPT}{SHA}x", "{ARGON2}", "{CRYPT}$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAA"}) {
        EXPECT_EQ(outcome(scheme), malformed) << scheme;
    }
}

TEST(Ldap, OfEveryDigestVerifies) {
    for (std::string_view stored :
         {"{SHA}LvuoKCx9c642C0s6Mfq8hHzNz9g=", "{SSHA}5j9eZrPBmh9qaHyfoV9z21A4vpQ4x7j3",
          "{MD5}f4Mac9qY2nKaN0PuCeWIpg==", "{SMD5}t3UXIKuA+YzaUeteGNa1n8RY610=",
          "{SSHA256}KvJAEu4x8pwH4Y+BnDUiTgCHeTYRxla/2DuTsewjIaghJARACCFkjA==",
          "{SHA256}5xZ8bSOEkWb611jdczWQG8xFkyIUln/MBekxbdqqKZE=",
          "{SSHA384}8NstFf1LnO8YBLmtHdtm1FFReK/WubKN2/LsWun32KgeQ5m43fZz4V1XbOLlfiizc2FsdHNhbHQ=",
          "{SHA512}FLc/"
          "4cT78kXfuCKTmWwu0k30yTwG+mL5U8nLGyOoTiEFT5Hg8teBMmQIvH8WF8fddmfJTPsqdPr5rQlcvp"
          "Pelw==",
          "{SSHA512}Myvne8tV1hKxWAg0wZ6gbwZ04t1wKrjf5T7Xe+1R6a/Kq7G0WXTNguxGHDQRRTC/"
          "PJb8GyGjgTi7YF2sr"
          "BN4pKq19p7TGmPs"}) {
        expect_only_itself_right(std::string(stored));
    }
    EXPECT_EQ(outcome("{ssha}5j9eZrPBmh9qaHyfoV9z21A4vpQ4x7j3"), "right");
}

TEST(Ldap, OfAWrappedFormatVerifies) {
    expect_only_itself_right("{CRYPT}$1$r0ppqd5M$IvV2yKl42Szii4CqXeYvJ.");
    expect_only_itself_right(
        "{ARGON2}$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQxMjM0NTY3OA$"
        "Mh+Mb+VmDlZqT44zbvvEW1bZ/nS1EiQ0mRXAHTvu480");
    EXPECT_EQ(outcome("{CRYPT}$2b$04$/xq6K76UfxLJodDB4OHov.210bKEQShxwdLM0x8VjuBoCOOTDc9RS"),
              "wrapped");
}

}  // namespace
}  // namespace cardea::password::formats
