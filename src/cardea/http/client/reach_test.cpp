// Which addresses lead out into the world, and which do not however they are spelled.
#include "cardea/http/client/reach.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <ostream>
#include <string>

namespace cardea::http {

void PrintTo(Reach reach, std::ostream* out) {
    *out << (reach == Reach::global     ? "global"
             : reach == Reach::loopback ? "loopback"
                                        : "internal");
}

namespace {

Reach reach(const std::string& text) {
    sockaddr_in ipv4{};
    ipv4.sin_family = AF_INET;
    if (inet_pton(AF_INET, text.c_str(), &ipv4.sin_addr) == 1) {
        return reach_of(reinterpret_cast<const sockaddr&>(ipv4));
    }
    sockaddr_in6 ipv6{};
    ipv6.sin6_family = AF_INET6;
    EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &ipv6.sin6_addr), 1) << text;
    return reach_of(reinterpret_cast<const sockaddr&>(ipv6));
}

class InternalAddress : public testing::TestWithParam<const char*> {};
TEST_P(InternalAddress, IsNotTalkedTo) {
    EXPECT_EQ(reach(GetParam()), Reach::internal);
}
INSTANTIATE_TEST_SUITE_P(
    Addresses, InternalAddress,
    testing::Values("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1",
                    "100.127.255.255", "169.254.169.254", "172.16.0.1", "172.31.255.255",
                    "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1",
                    "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1",
                    "255.255.255.255", "::", "::2", "::7f00:1", "::ffff:10.0.0.1",
                    "::ffff:169.254.169.254", "::ffff:0.0.0.0", "64:ff9b::a00:1", "64:ff9b:1::1",
                    "100::1", "2001::1", "2001:1ff::1", "2001:db8::1", "2002:a00:1::1", "3fff::1",
                    "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "4000::1"));

class LoopbackAddress : public testing::TestWithParam<const char*> {};
TEST_P(LoopbackAddress, IsThisMachine) {
    EXPECT_EQ(reach(GetParam()), Reach::loopback);
}
INSTANTIATE_TEST_SUITE_P(Addresses, LoopbackAddress,
                         testing::Values("127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1",
                                         "64:ff9b::7f00:1"));

class GlobalAddress : public testing::TestWithParam<const char*> {};
TEST_P(GlobalAddress, IsTalkedTo) {
    EXPECT_EQ(reach(GetParam()), Reach::global);
}
INSTANTIATE_TEST_SUITE_P(Addresses, GlobalAddress,
                         testing::Values("1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255",
                                         "100.128.0.0", "126.255.255.255", "128.0.0.0",
                                         "169.253.255.255", "172.15.255.255", "172.32.0.0",
                                         "192.167.255.255", "198.17.255.255", "198.20.0.0",
                                         "223.255.255.255", "2001:200::1", "2606:4700::1111",
                                         "2a00::1", "::ffff:8.8.8.8", "64:ff9b::808:808"));

TEST(OtherAddresses, AreNotTalkedTo) {
    sockaddr local{};
    local.sa_family = AF_UNIX;

    EXPECT_EQ(reach_of(local), Reach::internal);
}

}  // namespace
}  // namespace cardea::http
