// scrypt in passlib's text form. The hash is passlib's.
#include "cardea/password/formats/scrypt.hpp"

#include "cardea/password/formats/reading_fixture.hpp"

namespace cardea::password::formats {
namespace {

const std::string good =
    "$scrypt$ln=8,r=4,p=2$YGztPWesNUbImTOmVEoJ4Q$k19zquukQGsbRiAG58/xbnlwVI+3vq9JWXpKqnhASLQ";

TEST(ScryptText, WithImpossibleParametersIsMalformed) {
    for (std::string cost : {"ln=0,r=4,p=2", "ln=41,r=4,p=2", "ln=99,r=4,p=2", "ln=8,r=0,p=2",
                             "ln=8,r=4,p=0", "ln=8,r=1025,p=2", "ln=8,r=4,p=1025", "ln=16,r=1,p=1",
                             "ln=8,r=4", "ln=08,r=4,p=2", "ln=8,r=4,p=2,", "r=4,ln=8,p=2"}) {
        EXPECT_EQ(outcome(with(good, "ln=8,r=4,p=2", cost)), malformed) << cost;
    }
}

TEST(ScryptText, SaysWhatItWouldCostBeforeItCosts) {
    auto greedy = read(with(good, "ln=8,r=4,p=2", "ln=40,r=1024,p=1024"));

    ASSERT_TRUE(greedy.has_value());
    EXPECT_GT(greedy->demand.memory, std::uint64_t{1} << 50U);
    EXPECT_GT(greedy->demand.time, 24h);
}

TEST(ScryptText, OfPasslibVerifies) {
    expect_only_itself_right(good);
    EXPECT_EQ(outcome(with(good, "ln=8,r=4", "ln=7,r=4")), "wrong");
}

}  // namespace
}  // namespace cardea::password::formats
