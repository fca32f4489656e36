// Firebase's scrypt: the example of Firebase's own documentation, and a text of ours.
#include "cardea/password/formats/firebase.hpp"

#include "cardea/password/formats/reading_fixture.hpp"

namespace cardea::password::formats {
namespace {

constexpr std::string_view console =
    "hash_config {\n"
    "  algorithm: SCRYPT,\n"
    "  base64_signer_key: "
    "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==,\n"
    "  base64_salt_separator: Bw==,\n"
    "  rounds: 8,\n"
    "  mem_cost: 14,\n"
    "}\n";
constexpr std::string_view salt = "42xEC+ixf3L2lw==";
constexpr std::string_view hash =
    "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";

std::string small() {
    auto project =
        parse_firebase_project(with(std::string(console), "mem_cost: 14", "mem_cost: 6"));
    return firebase_text(
               project.value(),
               "36qsBLe9GfCe5aeTwkrxi5vW2zLI+/nN6YIqXRH7Vyogzv4OauPfycTRn6+9qG5PK+lbf9KH9TTASK"
               "dFAzIfNg==",
               salt)
        .value();
}

TEST(Firebase, ProjectWithoutAParameterIsRefused) {
    for (std::string_view name :
         {"base64_signer_key", "base64_salt_separator", "rounds", "mem_cost"}) {
        auto project = parse_firebase_project(with(std::string(console), name, "something_else"));

        ASSERT_FALSE(project.has_value()) << name;
        EXPECT_EQ(project.error().detail(), name);
    }
    EXPECT_FALSE(parse_firebase_project(""));
    EXPECT_FALSE(parse_firebase_project(with(std::string(console), ": 14", ": 99")));
}

TEST(Firebase, HashOfAnotherSizeIsMalformed) {
    auto project = parse_firebase_project(console).value();

    EXPECT_TRUE(firebase_text(project, "AAAA", salt).error().is(malformed_hash));
    EXPECT_TRUE(firebase_text(project, hash, "").error().is(malformed_hash));
    EXPECT_TRUE(firebase_text(project, "not base64!", salt).error().is(malformed_hash));
}

TEST(Firebase, TextWithImpossibleParametersIsMalformed) {
    auto good = small();
    for (std::string_view cost :
         {"ln=0,r=8", "ln=41,r=8", "ln=6,r=0", "ln=6,r=8,p=1", "ln=6", ""}) {
        EXPECT_EQ(outcome(with(good, "ln=6,r=8", cost)), malformed) << cost;
    }
}

TEST(Firebase, OfItsDocumentationVerifies) {
    auto stored = firebase_text(parse_firebase_project(console).value(), hash, salt).value();

    EXPECT_EQ(outcome(stored, "user1password"), "right");
    EXPECT_EQ(outcome(stored, "user2password"), "wrong");
    EXPECT_TRUE(stored.starts_with("$firebase-scrypt$ln=14,r=8$Bw$jxspr8Ki"));
}

TEST(Firebase, ExportedWithTheOtherAlphabetIsTheSame) {
    auto project = parse_firebase_project(console).value();
    auto other = with(with(std::string(hash), "/", "_"), "+", "-");

    EXPECT_EQ(firebase_text(project, hash, salt).value(),
              firebase_text(project, with(with(other, "/", "_"), "==", ""), salt).value());
}

TEST(Firebase, OnlyItselfIsRight) {
    expect_only_itself_right(small());
}

}  // namespace
}  // namespace cardea::password::formats
