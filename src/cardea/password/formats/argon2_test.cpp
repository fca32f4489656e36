// Argon2 in PHC strings. The hashes are argon2-cffi's.
#include "cardea/password/formats/argon2.hpp"

#include "cardea/password/formats/reading_fixture.hpp"

namespace cardea::password::formats {
namespace {

const std::string id =
    "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQxMjM0NTY3OA$"
    "Mh+Mb+VmDlZqT44zbvvEW1bZ/nS1EiQ0mRXAHTvu480";

TEST(Argon2, WithImpossibleParametersIsMalformed) {
    for (std::string cost :
         {"m=0,t=2,p=2", "m=15,t=2,p=2", "m=256,t=0,p=2", "m=256,t=2,p=0", "m=256,t=2,p=256",
          "m=4294967296,t=2,p=2", "m=99999999999999999999,t=2,p=2", "m=256,t=4294967296,p=2",
          "m=-1,t=2,p=2", "m=+256,t=2,p=2", "m=0256,t=2,p=2", "m=256,t=2", "m=256,t=2,p=2,x=1",
          "t=2,m=256,p=2", "m=256;t=2;p=2", "m=,t=,p=", ""}) {
        EXPECT_EQ(outcome(with(id, "m=256,t=2,p=2", cost)), malformed) << cost;
    }
    for (std::string version : {"v=0", "v=17", "v=18", "v=20", "v=019", "v=", "19"}) {
        EXPECT_EQ(outcome(with(id, "v=19", version)), malformed) << version;
    }
}

TEST(Argon2, WithABadSaltOrTagIsMalformed) {
    EXPECT_EQ(outcome(with(id, "c29tZXNhbHQxMjM0NTY3OA", "")), malformed);
    EXPECT_EQ(outcome(with(id, "c29tZXNhbHQxMjM0NTY3OA", "c29tZXM")), malformed) << "5 bytes";
    EXPECT_EQ(outcome(with(id, "c29tZXNhbHQxMjM0NTY3OA", "c29tZXNhbHQxMjM0NTY3OA==")), malformed);
    EXPECT_EQ(outcome(with(id, "c29tZXNhbHQxMjM0NTY3OA", "c29tZXNhbHQxMjM0NTY3OB")), malformed);
    EXPECT_EQ(outcome(with(id, "Mh+Mb+VmDlZqT44zbvvEW1bZ/nS1EiQ0mRXAHTvu480", "Mh+M")), malformed);
    EXPECT_EQ(outcome(id + "$keyid"), malformed);
}

TEST(Argon2, SaysWhatItWouldCostBeforeItCosts) {
    auto greedy = read(with(id, "m=256,t=2,p=2", "m=4294967295,t=4294967295,p=1"));

    ASSERT_TRUE(greedy.has_value());
    EXPECT_EQ(greedy->demand.memory, 4294967295ULL * 1024);
    EXPECT_GT(greedy->demand.time, 24h);
    auto allowed = check_demand(greedy->demand, {.memory = 128U << 20U, .time = 2s});
    EXPECT_TRUE(allowed.error().is(cost_refused));
}

TEST(Argon2, OfEveryKindAndVersionVerifies) {
    expect_only_itself_right(id);
    EXPECT_EQ(outcome("$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQxMjM0NTY3OA$"
                      "35i+BK0NTURS/IXw9j8vRHtlRfQxWN6cFCM1lf2Flio"),
              "right");
    EXPECT_EQ(outcome("$argon2d$v=19$m=256,t=2,p=2$c29tZXNhbHQxMjM0NTY3OA$"
                      "h8p1L4g3K62VhjcVARen8XXUHINfs5yiLPHemFnG40k"),
              "right");
    EXPECT_EQ(outcome("$argon2id$v=16$m=256,t=2,p=2$c29tZXNhbHQxMjM0NTY3OA$"
                      "/hcWeGh/8y5IxwWHOW2YO0Na+xDRPRGtjTZdDcVWan8"),
              "right");
    EXPECT_EQ(outcome("$argon2i$m=256,t=2,p=2$c29tZXNhbHQxMjM0NTY3OA$"
                      "NU2ECKytdUAYa6nBitoNHdqIHjEYQT0+VTNPK9/dmGI"),
              "right")
        << "before 1.3 there was no v=";
}

TEST(Argon2, IsWrittenAsItWasRead) {
    EXPECT_EQ(to_string(parse_argon2(id).value()), id);
}

// RFC 9106 section 5.3 without its secret and associated data: the reference implementation's own
// test, phc-winner-argon2 test.c.
TEST(Argon2, ComputesTheReferenceImplementationsTest) {
    EXPECT_EQ(outcome("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$"
                      "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
                      "password"),
              "right");
}

}  // namespace
}  // namespace cardea::password::formats
