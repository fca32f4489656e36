// MD5-crypt and SHA-crypt as passlib writes them, yescrypt as Debian's crypt(3) does.
#include "cardea/password/formats/crypt.hpp"

#include "cardea/password/formats/reading_fixture.hpp"

namespace cardea::password::formats {
namespace {

const std::string md5 = "$1$r0ppqd5M$IvV2yKl42Szii4CqXeYvJ.";
const std::string sha256 = "$5$4UYrwtZJyVY5Y4.R$Mqw0OjDnUAqPB.bTa1QtkKZDE4LkeKs7TPXk4ZcoRXC";
const std::string sha256_rounds =
    "$5$rounds=1234$E/ynUFIz0UlkyQhC$pdBngKdC0VVseKhp.VKOyzmjIG8itER2cPYPqOeOA.1";
const std::string sha512 =
    "$6$V0CXHWtzfeh6O2JE$5nFviTvSL3flHy95yIA.Frcsl2You9ieE7eBZRRo9ogut1HfAtTgyzJ/"
    "gMMtwU1iIeCp7pgsOdNjNJQad2LXo/";
const std::string yescrypt = "$y$j75$saltsaltsalt$KNWx5W8kkHwvcxWHVILWk7uzsdDI1q3FoZUZA.XztD9";

TEST(Crypt, WithImpossibleRoundsIsMalformed) {
    for (std::string rounds : {"rounds=0", "rounds=999", "rounds=1000000000", "rounds=-1",
                               "rounds=01234", "rounds=", "Rounds=1234", "1234"}) {
        EXPECT_EQ(outcome(with(sha256_rounds, "rounds=1234", rounds)), malformed) << rounds;
    }
}

TEST(Crypt, WithAForeignCharacterIsMalformed) {
    for (const auto& good : {md5, sha256, sha512, yescrypt}) {
        for (std::string_view wrong : {"*", ":", "+", "=", "!"}) {
            auto salt = good;
            salt.replace(good.rfind('$') - 2, 1, wrong);
            auto digest = good;
            digest.replace(good.size() - 2, 1, wrong);
            EXPECT_EQ(outcome(salt), malformed) << salt;
            EXPECT_EQ(outcome(digest), malformed) << digest;
        }
    }
    EXPECT_EQ(outcome("*0"), malformed);
    EXPECT_EQ(outcome("*1"), malformed);
}

TEST(Crypt, SaysWhatItWouldCostBeforeItCosts) {
    auto rounds = read(with(sha256_rounds, "rounds=1234", "rounds=999999999"));
    auto memory = read(with(yescrypt, "j75", "jhh"));

    EXPECT_GT(rounds->demand.time, 10min);
    EXPECT_GT(memory->demand.memory, std::uint64_t{1} << 40U);
    EXPECT_EQ(read(with(yescrypt, "j75", "j9T"))->demand.memory >> 20U, 16U);
}

// Its flags ask for what the demand does not know of.
TEST(Crypt, OfYescryptWithUnusualParametersIsRefusedByName) {
    for (std::string_view parameters : {"k75", ".75", "j755", "j7z", "j75/.", "j"}) {
        EXPECT_NE(outcome(with(yescrypt, "j75", parameters)), "right") << parameters;
    }
    EXPECT_EQ(outcome(with(yescrypt, "j75", "k75")), unsupported_hash.slug);
}

TEST(Crypt, OfEveryKindVerifies) {
    for (const auto& good : {md5, sha256, sha256_rounds, sha512, yescrypt}) {
        expect_only_itself_right(good);
    }
    EXPECT_EQ(outcome("$6$rounds=1234$CNeTxdDSb5ygoHo/$u0CaFOi.cBgNkYADMfTd5nEtl0myAdVS3qpJJ/"
                      "hQQQUiYbhT.e7KcDJXQGAcIUgTJdaUqx3ZLE6ANCE/dG99U0"),
              "right");
    EXPECT_EQ(outcome("$y$j9T$LdJMENpBABJJ3hIHjB1Bi.$gtIPxPQZaAGJzkJE0UCffcN."
                      "nwTb6zUJbJGNFA/KuaA"),
              "right");
}

// From Drepper's specification of SHA-crypt.
TEST(Crypt, OfShaIsAsPublished) {
    EXPECT_EQ(outcome("$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!"),
              "right");
    EXPECT_EQ(
        outcome("$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiB"
                "FdcbYEdFCoEOfaS35inz1",
                "Hello world!"),
        "right");
}

TEST(Crypt, IsWrongForAPasswordThatItCannotTake) {
    EXPECT_EQ(outcome(sha512, std::string(512, 'a')), "wrong");
    EXPECT_EQ(outcome(sha512, known + std::string(1, '\0')), "wrong") << "not cut at the NUL";
}

}  // namespace
}  // namespace cardea::password::formats
