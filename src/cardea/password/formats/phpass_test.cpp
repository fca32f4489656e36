// phpass's portable hashes. They are passlib's.
#include "cardea/password/formats/phpass.hpp"

#include "cardea/password/formats/reading_fixture.hpp"

namespace cardea::password::formats {
namespace {

const std::string wordpress = "$P$5JOETd211mkPBKXIAmnAYqHK.uBAAH0";

TEST(Phpass, WithAnImpossibleCountIsMalformed) {
    for (char count : {'.', '/', '0', '4', 'U', 'z', '$', '+'}) {
        EXPECT_EQ(outcome(with(wordpress, "$5", std::string("$") + count)), malformed) << count;
    }
}

TEST(Phpass, SaysWhatItWouldCostBeforeItCosts) {
    EXPECT_GT(read(with(wordpress, "$5", "$S"))->demand.time, 10min);
}

TEST(Phpass, OfWordPressAndPhpBbVerifies) {
    expect_only_itself_right(wordpress);
    expect_only_itself_right("$H$6AtMb9bsBExiLHiQK8aN6BdhgGzJ3m.");
}

// The example of phpass's own test.php.
TEST(Phpass, IsAsPublished) {
    EXPECT_EQ(outcome("$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", "test12345"), "right");
}

}  // namespace
}  // namespace cardea::password::formats
