// Case folding for comparing passwords with lists.
#include "cardea/password/fold.hpp"

#include <gtest/gtest.h>

namespace cardea::password {
namespace {

TEST(PasswordFold, GivesNothingForWhatIsNotText) {
    EXPECT_EQ(fold("abc\xFF").reveal(), "");
    EXPECT_EQ(fold("").reveal(), "");
}

TEST(PasswordFold, TakesUpperAndLowerCaseAsOne) {
    EXPECT_EQ(fold("PassWord 12!").reveal(), "password 12!");
    EXPECT_EQ(fold("STRASSE").reveal(), fold("straße").reveal());
    EXPECT_EQ(fold("ÄPFEL").reveal(), fold("a\u0308pfel").reveal());
}

TEST(PasswordFold, KeepsCompatibilityFormsApart) {
    EXPECT_NE(fold("\uFF50assword").reveal(), fold("password").reveal());
}

}  // namespace
}  // namespace cardea::password
