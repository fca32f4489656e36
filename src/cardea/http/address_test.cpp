#include "cardea/http/address.hpp"

#include <gtest/gtest.h>

namespace cardea::http {
namespace {

TEST(IpAddress, RefusesWhatIsNoAddress) {
    for (auto text : {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "010.1.1.1", "1.2.3.4:80", "[1.2.3.4]",
                      "::1%eth0", "fe80::1%1", "12345::", ":::", "localhost", " 1.2.3.4", "[::1"}) {
        EXPECT_FALSE(IpAddress::parse(text)) << text;
    }
    EXPECT_FALSE(IpAddress::parse(std::string("1.2.3.4\0x", 9)));
}

TEST(IpAddress, HasOneTextForm) {
    EXPECT_EQ(IpAddress::parse("2001:0DB8:0:0::1")->text(), "2001:db8::1");
    EXPECT_EQ(IpAddress::parse("[::1]")->text(), "::1");
    EXPECT_EQ(IpAddress::parse("192.0.2.1")->text(), "192.0.2.1");
}

TEST(IpAddress, ReadsAMappedAddressAsIpv4) {
    EXPECT_EQ(IpAddress::parse("::ffff:192.0.2.1"), IpAddress::parse("192.0.2.1"));
}

TEST(IpAddress, KnowsLoopback) {
    EXPECT_TRUE(IpAddress::parse("127.255.0.1")->is_loopback());
    EXPECT_TRUE(IpAddress::parse("::1")->is_loopback());
    EXPECT_TRUE(IpAddress::parse("::ffff:127.0.0.1")->is_loopback());
    EXPECT_FALSE(IpAddress::parse("::2")->is_loopback());
    EXPECT_FALSE(IpAddress::parse("128.0.0.1")->is_loopback());
}

TEST(IpAddress, OfOneSiteShareTheirFirstBits) {
    auto one = IpAddress::parse("2001:db8:1:2:3::4")->masked(64);

    EXPECT_EQ(one.text(), "2001:db8:1:2::");
    EXPECT_EQ(one, IpAddress::parse("2001:db8:1:2:ffff::")->masked(64));
    EXPECT_EQ(IpAddress::parse("192.0.2.77")->masked(24).text(), "192.0.2.0");
}

TEST(IpNetwork, RefusesWhatIsNoNetwork) {
    for (auto text :
         {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "::/129", "/8"}) {
        EXPECT_FALSE(IpNetwork::parse(text)) << text;
    }
}

TEST(IpNetwork, ContainsItsAddresses) {
    auto ten = *IpNetwork::parse("10.1.2.3/8");

    EXPECT_TRUE(ten.contains(*IpAddress::parse("10.255.0.1")));
    EXPECT_FALSE(ten.contains(*IpAddress::parse("11.0.0.1")));
    EXPECT_FALSE(ten.contains(*IpAddress::parse("a00::1")));
    EXPECT_EQ(ten.text(), "10.0.0.0/8");
}

TEST(IpNetwork, OfOneAddressContainsThatOne) {
    auto one = *IpNetwork::parse("2001:db8::1");

    EXPECT_TRUE(one.contains(*IpAddress::parse("2001:db8::1")));
    EXPECT_FALSE(one.contains(*IpAddress::parse("2001:db8::2")));
}

}  // namespace
}  // namespace cardea::http
