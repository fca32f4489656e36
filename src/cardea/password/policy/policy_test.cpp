// What may become a password, and why not.
#include "cardea/password/policy/policy.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cardea/password/policy/breach_filter.hpp"
#include "cardea/password/policy/breach_filter_builder.hpp"
#include "cardea/password/policy/common_list.hpp"
#include "tests/support/temp_folder.hpp"

namespace cardea::password {
namespace {

constexpr Owner ada{.email = "ada.lovelace@example.org", .name = "Ada King", .field = "password"};

struct PasswordPolicy : testing::Test {
    std::string refusal(std::string_view text, const Policy& policy, const Owner& owner = ada) {
        auto password = Password::parse(text);
        if (!password) return std::string(password.error().reason().slug);
        auto checked = policy.check(*password, owner);
        return checked ? "" : std::string(checked.error().reason().slug);
    }
    std::string write(const std::string& name, std::string_view text) {
        auto path = folder.path() + "/" + name;
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }
    std::string field_of_problem() {
        return Policy::open(settings, {}).error().fields().at(0).field;
    }

    TempFolder folder;
    Settings settings;
    Policy plain;
};

TEST_F(PasswordPolicy, RefusesFewerThanEightCharacters) {
    EXPECT_EQ(refusal("7 chars", plain), "password.too_short");
    EXPECT_EQ(refusal("8 chars!", plain), "");
}

TEST_F(PasswordPolicy, RefusesFewerCharactersThanTheSettingsAsk) {
    settings.minimum_length = 15;
    auto strict = Policy::open(settings, {}).value();

    EXPECT_EQ(refusal("fourteen chars", strict), "password.too_short");
    EXPECT_EQ(refusal("fifteen chars !", strict), "");
    EXPECT_EQ(refusal("\u00E4\u00F6\u00FC\u00E4\u00F6\u00FC\u00E4\u00F6\u00FC\u00E4\u00F6\u00FC 12",
                      strict),
              "")
        << "characters are counted, not bytes";
    auto error = strict.check(*Password::parse("fourteen chars"), ada).error();
    EXPECT_EQ(error.fields().at(0).text, "A password needs at least 15 characters.");
    EXPECT_EQ(error.fields().at(0).field, "password");
    EXPECT_EQ(strict.minimum_length(), 15);
}

TEST_F(PasswordPolicy, RefusesWhatBcryptWouldCutOnlyWhenSoSet) {
    std::string cats;
    for (int i = 0; i < 64; ++i) cats += "\U0001F431";
    settings.long_passwords = LongPasswords::refuse;
    auto strict = Policy::open(settings, {}).value();

    EXPECT_EQ(refusal(std::string(73, 'a'), strict), "password.too_long");
    EXPECT_EQ(refusal(cats, strict), "password.too_long");
    EXPECT_EQ(refusal(cats, plain), "") << "64 characters of four bytes are accepted";
    EXPECT_EQ(refusal(std::string(1024, 'a'), plain), "");
    EXPECT_EQ(refusal(std::string(1025, 'a'), plain), "password.too_long");
}

TEST_F(PasswordPolicy, RefusesCommonPasswordsInAnyCase) {
    if (built_in_common_passwords().empty()) GTEST_SKIP() << "built without the lists";

    EXPECT_EQ(refusal("password", plain), "password.common");
    EXPECT_EQ(refusal("Password1", plain), "password.common");
    EXPECT_EQ(refusal("1qaz2wsx3edc4rfv", plain), "password.common");
}

TEST_F(PasswordPolicy, RefusesTheLongOnesOfTheListWhereFifteenCharactersAreAsked) {
    if (built_in_common_passwords().empty()) GTEST_SKIP() << "built without the lists";
    settings.minimum_length = 15;
    auto strict = Policy::open(settings, {}).value();

    EXPECT_EQ(refusal("123456789987654321", strict), "password.common");
    EXPECT_EQ(refusal("QAZWSXEDCRFVTGB", strict), "password.common");
}

TEST_F(PasswordPolicy, RefusesWhatAnOperatorsFileAdds) {
    settings.common_file = write("common", "Go Hedgehogs 2026\n");
    auto local = Policy::open(settings, {}).value();

    EXPECT_EQ(refusal("go hedgehogs 2026", local), "password.common");
    EXPECT_EQ(refusal("go hedgehogs 2026", plain), "");
}

TEST_F(PasswordPolicy, ComparesInTheNormalFormInWhichItHashes) {
    settings.common_file = write("common", "caf\u00E9 au lait\n");
    auto local = Policy::open(settings, {}).value();

    EXPECT_EQ(refusal("cafe\u0301 au lait", local), "password.common");
    EXPECT_EQ(refusal("CAF\u00C9 AU LAIT", local), "password.common");
}

TEST_F(PasswordPolicy, RefusesTheAddressTheNameAndTheirParts) {
    for (auto password : {"ada.lovelace@example.org", "Ada.Lovelace", "lovelace", "LOVELACE1815",
                          "adaking1", "king-lovelace", "Ada King!", "example.org", "adaexample"}) {
        EXPECT_EQ(refusal(password, plain), "password.context") << password;
    }
    EXPECT_EQ(refusal("lovelace", plain, {}), "") << "of somebody else";
    EXPECT_EQ(refusal("ada kept an engine", plain), "");
}

TEST_F(PasswordPolicy, RefusesTheNameOfTheService) {
    settings.context_words = {"Analytical Engines Ltd"};
    auto local = Policy::open(settings, {"cardea", "login.engines.example"}).value();

    for (auto password : {"cardea2026", "Cardea-Cardea", "login.engines.example", "loginengines",
                          "analytical!", "engines ltd"}) {
        EXPECT_EQ(refusal(password, local), "password.context") << password;
    }
    EXPECT_EQ(refusal("cardea opens doors", local), "");
}

TEST_F(PasswordPolicy, RefusesWhatTheFilterOfLeakedPasswordsHas) {
    auto list = write("list", "a leaked password\ncaf\u00E9 au lait\n");
    settings.breached_filter = folder.path() + "/filter";
    ASSERT_TRUE(build_filter(list, settings.breached_filter, {}));
    auto local = Policy::open(settings, {}).value();

    EXPECT_EQ(refusal("a leaked password", local), "password.breached");
    EXPECT_EQ(refusal("cafe\u0301 au lait", local), "password.breached");
    EXPECT_EQ(refusal("A leaked password", local), "") << "these lists are of exact texts";
}

TEST_F(PasswordPolicy, AcceptsNothingWhenTheFilterIsGone) {
    auto list = write("list", "a leaked password\n");
    settings.breached_filter = folder.path() + "/filter";
    ASSERT_TRUE(build_filter(list, settings.breached_filter, {}));
    auto local = Policy::open(settings, {}).value();

    std::filesystem::resize_file(settings.breached_filter, 0);

    EXPECT_EQ(refusal("not in any list", local), "password.filter_unreadable");
}

TEST_F(PasswordPolicy, AsksForNoMixtureOfCharacters) {
    for (auto password :
         {"onlylowercaseletters", "ONLY UPPER CASE", "90210 73645 1", "!!!???...!!!",
          "\u4E00\u4E8C\u4E09\u56DB\u4E94\u516D\u4E03\u516B", "  blanks  at ends  "}) {
        EXPECT_EQ(refusal(password, plain), "") << password;
    }
}

TEST_F(PasswordPolicy, NamesTheSettingWhoseFileCannotBeUsed) {
    settings.common_file = folder.path() + "/none";
    EXPECT_EQ(field_of_problem(), "password.common_file");
    settings.common_file = folder.path();
    EXPECT_EQ(field_of_problem(), "password.common_file");
    settings.common_file = write("large", std::string((1U << 20U) + 1, '\n'));
    EXPECT_EQ(field_of_problem(), "password.common_file");
    settings.common_file.clear();
    settings.breached_filter = write("filter", "no filter");
    EXPECT_EQ(field_of_problem(), "password.breached_filter");
}

}  // namespace
}  // namespace cardea::password
