// Werkzeug's hashes, as Flask applications store them. They are Werkzeug 3.1's.
#include "cardea/password/formats/werkzeug.hpp"

#include "cardea/password/formats/reading_fixture.hpp"

namespace cardea::password::formats {
namespace {

const std::string pbkdf2 =
    "pbkdf2:sha256:1000$V3KeXxv7GfL9IogL$"
    "60a529174657b1b41f5933eb39115c2dfaec72b2fda2f37e403cf5cbab981184";
const std::string scrypt =
    "scrypt:256:8:1$QnbL8VuITaiLGLu6$"
    "7b3480006638467a1315de489fd6965a6ebca3dd42f61192c271e9ad3269a71c"
    "8d41f190f7d4dd7ecb9509f5fde3d26b9eb5c5b09bfc7f331e8b0a9db20f109f";

TEST(Werkzeug, WithImpossibleParametersIsMalformed) {
    for (std::string_view method :
         {"pbkdf2:sha256:0", "pbkdf2:sha256:01", "pbkdf2:sha256:2147483648", "pbkdf2:sha256:1000:1",
          "pbkdf2:md5:1000", "pbkdf2::1000", "pbkdf2:", "pbkdf2:sha512:1000"}) {
        EXPECT_EQ(outcome(with(pbkdf2, "pbkdf2:sha256:1000", method)), malformed) << method;
    }
    for (std::string_view method :
         {"scrypt:255:8:1", "scrypt:256:0:1", "scrypt:256:8:0", "scrypt:256:8", "scrypt:256:8:1:1",
          "scrypt:", "scrypt::::", "scrypt:18446744073709551616:8:1"}) {
        EXPECT_EQ(outcome(with(scrypt, "scrypt:256:8:1", method)), malformed) << method;
    }
    EXPECT_EQ(outcome(with(pbkdf2, "V3KeXxv7GfL9IogL", "")), malformed);
}

TEST(Werkzeug, WithoutItsIterationsIsRefusedByName) {
    EXPECT_EQ(outcome(with(pbkdf2, "sha256:1000", "sha256")), unsupported_hash.slug);
}

TEST(Werkzeug, OfEveryMethodVerifies) {
    expect_only_itself_right(pbkdf2);
    expect_only_itself_right(scrypt);
    expect_only_itself_right(
        "pbkdf2:sha1:1000$eklB7peGPf69Dkqr$8d6cf30ad8735037afbc2979f428df648423f5c8");
    expect_only_itself_right(
        "pbkdf2:sha512:1000$F3GfslXBacjhSL96$"
        "1c554d4c59b18f835d7e2d7e5cb4584445c16f7eb271fd4ba3bca040ed"
        "04886d14a30ecf4f8c10165526c3015bd578cfc5718906da185c2b59cb80fdb57ad7e4");
}

}  // namespace
}  // namespace cardea::password::formats
