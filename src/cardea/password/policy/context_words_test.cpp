// Which passwords are made of an account's own words.
#include "cardea/password/policy/context_words.hpp"

#include <gmock/gmock.h>

namespace cardea::password {
namespace {

using testing::IsSupersetOf;

const std::vector<std::string> ada = context_words_of("Ada1815@Example.org");

TEST(ContextWords, AreTheTextAndItsParts) {
    EXPECT_THAT(ada, IsSupersetOf({"ada1815@example.org", "ada1815", "ada", "example", "org"}));
    EXPECT_THAT(context_words_of("Zo\u00EB de Vries"), IsSupersetOf({"zo\u00EB", "de", "vries"}));
    EXPECT_TRUE(context_words_of("").empty());
    EXPECT_TRUE(context_words_of("x").empty());
    EXPECT_TRUE(context_words_of("\xFF\xFF\xFF").empty());
}

TEST(ContextWords, MakeUpAPasswordWithLittleElse) {
    for (auto password : {"ada1815@example.org", "ada1815!", "ada1815ada1815", "ada-2026!",
                          "exampleada", "example.org", "1adaada1", "org example ada"}) {
        EXPECT_TRUE(is_made_of(password, ada)) << password;
    }
}

TEST(ContextWords, WithinALongerTextAreNoReason) {
    for (auto password : {"ada likes tea", "an example of mine", "adagio in g", "xada1815"}) {
        EXPECT_FALSE(is_made_of(password, ada)) << password;
    }
}

TEST(ContextWords, WithEnoughElseAreNoReason) {
    EXPECT_TRUE(is_made_of("ada9071263", ada));
    EXPECT_FALSE(is_made_of("ada90712638", ada));
}

TEST(ContextWords, AreNeeded) {
    EXPECT_FALSE(is_made_of("1234567", ada));
    EXPECT_FALSE(is_made_of("", ada));
    EXPECT_FALSE(is_made_of("ada", {}));
}

TEST(ContextWords, OfAHostileTextTakeLinearTime) {
    std::string many;
    for (int i = 0; i < 500; ++i) many += "a";

    EXPECT_FALSE(is_made_of(std::string(1024, 'a') + "b", context_words_of(many)));
}

}  // namespace
}  // namespace cardea::password
