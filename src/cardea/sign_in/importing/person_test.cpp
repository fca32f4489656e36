// A row as a person: what no account is made of, and what the columns may hold.
#include "cardea/sign_in/importing/person.hpp"

#include <gtest/gtest.h>

namespace cardea::sign_in::importing {
namespace {

const std::string hash = "$2b$04$cVWp4XaNU8a4v1uMRum2SO026BWLIoQMD/TXg5uZV.0P.uO8m3YEm";

Reading reading() {
    Reading result;
    result.now = from_rfc3339("2026-01-01T00:00:00Z").value();
    return result;
}

Result<Person> read(Values values) {
    values.emplace("email", "ada@example.org");
    return read_person(std::move(values), reading());
}

std::string refusal(Values values) {
    auto person = read(std::move(values));
    return person ? "" : std::string(person.error().reason().slug);
}

TEST(ImportedPerson, WithoutAnAddressIsRefused) {
    EXPECT_TRUE(read_person({}, reading()).error().is(account::email_malformed));
    EXPECT_EQ(refusal({{"email", "ada"}}), "account.email_malformed");
}

TEST(ImportedPerson, WithAHashThatWouldNeverBeCheckedIsRefused) {
    EXPECT_EQ(refusal({{"password_hash", "5f4dcc3b5aa765d61d8327deb882cf99"}}),
              "password.malformed_hash");
    EXPECT_EQ(refusal({{"password_hash", "secret"}}), "password.malformed_hash");
    EXPECT_EQ(refusal({{"password_hash", hash + std::string(1, '\0')}}), "password.malformed_hash");
    EXPECT_EQ(refusal({{"password_hash", "$2x" + hash.substr(3)}}), "password.unsupported_hash");
    EXPECT_EQ(refusal({{"password_hash", "$2b$31" + hash.substr(6)}}), "password.cost_refused");
}

TEST(ImportedPerson, WithASaltButNoFirebaseProjectIsRefused) {
    EXPECT_EQ(refusal({{"password_hash", "AAAA"}, {"password_salt", "AAAA"}}),
              "import.value_malformed");
}

TEST(ImportedPerson, WithAnotherValueThanItsColumnHoldsIsRefused) {
    EXPECT_EQ(refusal({{"email_verified", "perhaps"}}), "import.value_malformed");
    for (std::string at : {"yesterday", "2020-13-01T00:00:00Z", "2020-01-01", "-5", "1e9",
                           "2026-01-01T00:00:01Z", "9999999999999999", "1969-12-31T23:59:59Z"}) {
        EXPECT_EQ(refusal({{"created_at", at}}), "import.value_malformed") << at;
    }
    EXPECT_EQ(refusal({{"external_id", std::string(201, 'x')}}), "import.value_malformed");
    EXPECT_EQ(refusal({{"external_id", "\xff"}}), "import.value_malformed");
}

TEST(ImportedPerson, NeedsNothingButAnAddress) {
    auto person = read({}).value();

    EXPECT_EQ(person.account.email->text(), "ada@example.org");
    EXPECT_FALSE(person.account.email_verified);
    EXPECT_FALSE(person.account.password_hash);
    EXPECT_FALSE(person.account.created_at);
}

TEST(ImportedPerson, KeepsWhatItsRowSays) {
    auto person = read({{"name", " Ada\x01 Lovelace"},
                        {"email_verified", "t"},
                        {"password_hash", hash},
                        {"created_at", "2020-02-03 04:05:06.789+00"},
                        {"external_id", "42"}})
                      .value();

    EXPECT_EQ(person.account.name, "Ada Lovelace");
    EXPECT_TRUE(person.account.email_verified);
    EXPECT_EQ(person.account.password_hash->reveal(), hash);
    EXPECT_EQ(person.hash_format, "bcrypt");
    EXPECT_EQ(to_rfc3339(*person.account.created_at), "2020-02-03T04:05:06.789Z");
    EXPECT_EQ(person.external_id, "42");
}

TEST(ImportedPerson, MayHaveBeenMadeAtAUnixTime) {
    for (std::string at : {"1580702706", "1580702706000", "2020-02-03T04:05:06Z"}) {
        auto person = read({{"created_at", at}}).value();
        EXPECT_EQ(to_rfc3339(*person.account.created_at), "2020-02-03T04:05:06.000Z") << at;
    }
}

// PostgreSQL, MySQL and SQLite, as their command lines print it.
TEST(ImportedPerson, MayHaveBeenMadeAtADatabasesTime) {
    for (std::string at : {"2020-02-03 05:05:06+01", "2020-02-03 04:05:06", "2020-02-03T04:05:06",
                           "2020-02-03 04:05:06.000000", "2020-02-03 04:05:06z"}) {
        auto person = read({{"created_at", at}}).value();
        EXPECT_EQ(to_rfc3339(*person.account.created_at), "2020-02-03T04:05:06.000Z") << at;
    }
}

TEST(ImportedPerson, OfFirebaseKeepsTheProjectsParametersWithTheHash) {
    auto with_project = reading();
    with_project.firebase =
        password::formats::parse_firebase_project(
            "base64_signer_key: "
            "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0Qs"
            "EmYUSDzZvpjeJ9WmXA==\nbase64_salt_separator: Bw==\nrounds: 8\nmem_cost: 14")
            .value();
    Values values{
        {"email", "ada@example.org"},
        {"password_hash",
         "lSrfV15cpx95_sZS2W9c9Kp6i_LVgQNDNC_qzrCnh1SAyZvqmZqAjTdn3aoItz-VHjoZilo78198JAdR"
         "uid5lQ=="},
        {"password_salt", "42xEC-ixf3L2lw=="}};

    auto person = read_person(std::move(values), with_project).value();

    EXPECT_EQ(person.hash_format, "firebase-scrypt");
    EXPECT_TRUE(
        person.account.password_hash->reveal().starts_with("$firebase-scrypt$ln=14,r=8$Bw$"));
}

}  // namespace
}  // namespace cardea::sign_in::importing
