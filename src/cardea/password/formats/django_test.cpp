// Django's hashers. The hashes are Django 5.2's.
#include "cardea/password/formats/django.hpp"

#include "cardea/password/formats/reading_fixture.hpp"

namespace cardea::password::formats {
namespace {

const std::string pbkdf2 =
    "pbkdf2_sha256$1000$seasalt2$2AMCwgEhUQtF1lwU3DfZLiHfwWp4VTXuKc+TxIyz4+0=";
const std::string scrypt =
    "scrypt$256$seasalt2$8$5$mRXIiq1c4xuGCRULE5/Ekg5ZpBmuUc0k37ogrigF+6q5GT2oCTUHUmP7k7a9UZxRvfKI"
    "VKOf2i++mca0dPdImw==";
const std::string bcrypt_sha256 =
    "bcrypt_sha256$$2b$04$Kfyf4aDvia2MWCkmWgG4o.n.LCkwiQ/okPuVtnpVRTgVucHQiOLTi";

TEST(Django, WithImpossibleParametersIsMalformed) {
    for (std::string_view cost : {"$0$", "$-1$", "$2147483648$", "$$", "$1e3$"}) {
        EXPECT_EQ(outcome(with(pbkdf2, "$1000$", cost)), malformed) << cost;
    }
    EXPECT_EQ(outcome(with(pbkdf2, "seasalt2", "")), malformed);
    for (std::string_view n : {"$0$", "$1$", "$255$", "$2199023255552$", "$x$"}) {
        EXPECT_EQ(outcome(with(scrypt, "$256$", n)), malformed) << n;
    }
    EXPECT_EQ(outcome(with(scrypt, "$8$5$", "$0$5$")), malformed);
    EXPECT_EQ(outcome(with(scrypt, "$8$5$", "$8$0$")), malformed);
}

TEST(Django, WithADamagedHashInsideIsMalformed) {
    EXPECT_EQ(outcome(with(bcrypt_sha256, "$04$", "$99$")), malformed);
    EXPECT_EQ(outcome("bcrypt$$2b$04$short"), malformed);
    EXPECT_EQ(outcome("bcrypt$"), malformed);
    EXPECT_EQ(outcome("argon2$"), malformed);
    EXPECT_EQ(outcome("argon2$argon2id$v=19$m=256"), malformed);
    EXPECT_EQ(outcome(with(bcrypt_sha256, "$2b$", "$2x$")), unsupported_hash.slug);
}

// Django's mark of an account that cannot sign in with a password.
TEST(Django, UnusablePasswordIsMalformed) {
    EXPECT_EQ(outcome("!kV7wFx2AOwFmmSTgcvC2ZLOvLYTEuW1sm0DhYQaw"), malformed);
}

TEST(Django, OfPbkdf2AndScryptVerifies) {
    expect_only_itself_right(pbkdf2);
    expect_only_itself_right("pbkdf2_sha1$1000$seasalt2$VPeiXt/tLEdRNNVRSDN+m40n0H0=");
    expect_only_itself_right(scrypt);
}

TEST(Django, OfArgon2Verifies) {
    expect_only_itself_right(
        "argon2$argon2id$v=19$m=256,t=2,p=2$c2Vhc2FsdDJzZWFzYWx0Mg$"
        "ego6bE/b0CpewJUU+DBHeKeGzMtaHcjQiJCq5zVa6e0");
}

TEST(Django, OfBcryptIsLeftToBcrypt) {
    auto digested = read(bcrypt_sha256);
    auto plain = read("bcrypt$$2b$04$/xq6K76UfxLJodDB4OHov.210bKEQShxwdLM0x8VjuBoCOOTDc9RS");

    ASSERT_TRUE(digested && digested->wrapped && plain && plain->wrapped);
    EXPECT_EQ(digested->wrapped->bcrypt,
              "$2b$04$Kfyf4aDvia2MWCkmWgG4o.n.LCkwiQ/okPuVtnpVRTgVucHQiOLTi");
    EXPECT_EQ(digested->wrapped->cost, 4);
    EXPECT_EQ(digested->wrapped->prepare(SecretText("abc")).reveal(),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(plain->wrapped->prepare(SecretText("abc")).reveal(), "abc");
}

}  // namespace
}  // namespace cardea::password::formats
