// What the registry says of bcrypt's own texts.
#include "cardea/password/formats/bcrypt.hpp"

#include "cardea/password/formats/reading_fixture.hpp"

namespace cardea::password::formats {
namespace {

const std::string plain = "$2b$04$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm";
const std::string condensed =
    "$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2";

TEST(BcryptTexts, ThatAreDamagedAreMalformed) {
    EXPECT_EQ(outcome(plain + "x"), malformed);
    EXPECT_EQ(outcome(with(plain, "$04$", "$32$")), malformed);
    EXPECT_EQ(outcome("$2"), malformed);
    for (std::string_view parameters :
         {"v=2,t=2b,r=3", "v=2,t=2b,r=32", "v=2,t=2b,r=04", "v=3,t=2b,r=12", "v=2,t=2a,r=12",
          "v=2,t=2b", "v=2,t=2b,r=12,", ""}) {
        EXPECT_NE(outcome(with(condensed, "v=2,t=2b,r=12", parameters)), "wrapped") << parameters;
    }
    EXPECT_EQ(outcome(condensed + "x"), malformed);
    EXPECT_EQ(outcome(condensed.substr(0, condensed.size() - 1)), malformed);
}

TEST(BcryptTexts, OfDefectiveVersionsAreRefusedByName) {
    EXPECT_EQ(outcome(with(plain, "$2b$", "$2x$")), unsupported_hash.slug);
    EXPECT_EQ(outcome(with(condensed, "v=2,t=2b,r=12", "2b,12")), unsupported_hash.slug);
}

TEST(BcryptTexts, AreLeftToBcryptAsTheyAre) {
    EXPECT_EQ(read(plain)->wrapped->bcrypt, plain);
    EXPECT_EQ(read(condensed)->wrapped->bcrypt, condensed);
    EXPECT_EQ(read(condensed)->wrapped->cost, 12);
}

}  // namespace
}  // namespace cardea::password::formats
