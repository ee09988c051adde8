#include "proxy/net/address_rules.h"

#include <gtest/gtest.h>

namespace chainmend::net {
namespace {

struct Case {
  const char* address;
  AddressKind kind;
};

// First and last address of each range, and their neighbours outside it.
constexpr Case kCases[] = {
    {"0.0.0.0", AddressKind::unspecified},
    {"0.255.255.255", AddressKind::unspecified},
    {"1.0.0.0", AddressKind::global},
    {"9.255.255.255", AddressKind::global},
    {"10.0.0.0", AddressKind::private_use},
    {"10.255.255.255", AddressKind::private_use},
    {"11.0.0.0", AddressKind::global},
    {"100.63.255.255", AddressKind::global},
    {"100.64.0.0", AddressKind::private_use},
    {"100.127.255.255", AddressKind::private_use},
    {"100.128.0.0", AddressKind::global},
    {"127.0.0.1", AddressKind::loopback},
    {"127.255.255.255", AddressKind::loopback},
    {"128.0.0.0", AddressKind::global},
    {"169.253.255.255", AddressKind::global},
    {"169.254.169.254", AddressKind::link_local},
    {"169.255.0.0", AddressKind::global},
    {"172.15.255.255", AddressKind::global},
    {"172.16.0.0", AddressKind::private_use},
    {"172.31.255.255", AddressKind::private_use},
    {"172.32.0.0", AddressKind::global},
    {"192.0.0.8", AddressKind::reserved},
    {"192.0.1.0", AddressKind::global},
    {"192.0.2.1", AddressKind::reserved},
    {"192.88.99.1", AddressKind::reserved},
    {"192.167.255.255", AddressKind::global},
    {"192.168.0.0", AddressKind::private_use},
    {"192.168.255.255", AddressKind::private_use},
    {"198.17.255.255", AddressKind::global},
    {"198.18.0.0", AddressKind::reserved},
    {"198.19.255.255", AddressKind::reserved},
    {"198.20.0.0", AddressKind::global},
    {"198.51.100.7", AddressKind::reserved},
    {"203.0.113.7", AddressKind::reserved},
    {"223.255.255.255", AddressKind::global},
    {"224.0.0.1", AddressKind::multicast},
    {"239.255.255.255", AddressKind::multicast},
    {"240.0.0.1", AddressKind::reserved},
    {"255.255.255.254", AddressKind::reserved},
    {"255.255.255.255", AddressKind::multicast},
    {"8.8.8.8", AddressKind::global},
    {"::", AddressKind::unspecified},
    {"::1", AddressKind::loopback},
    {"::2", AddressKind::embedded_v4},
    {"::127.0.0.1", AddressKind::embedded_v4},
    {"::ffff:127.0.0.1", AddressKind::embedded_v4},
    {"::ffff:8.8.8.8", AddressKind::embedded_v4},
    {"::ffff:0:7f00:1", AddressKind::reserved},
    {"64:ff9b::7f00:1", AddressKind::loopback},
    {"64:ff9b::a9fe:a9fe", AddressKind::link_local},
    {"64:ff9b::808:808", AddressKind::global},
    {"64:ff9b:1::808:808", AddressKind::embedded_v4},
    {"100::1", AddressKind::reserved},
    {"2001::1", AddressKind::embedded_v4},
    {"2001:2::1", AddressKind::reserved},
    {"2001:1ff:ffff::1", AddressKind::reserved},
    {"2001:200::1", AddressKind::global},
    {"2001:db8::1", AddressKind::reserved},
    {"2001:4860:4860::8888", AddressKind::global},
    {"2002:7f00:1::", AddressKind::embedded_v4},
    {"2003::1", AddressKind::global},
    {"3fff::1", AddressKind::reserved},
    {"3fff:1000::1", AddressKind::global},
    {"4000::1", AddressKind::reserved},
    {"fc00::1", AddressKind::private_use},
    {"fdff::1", AddressKind::private_use},
    {"fe80::1", AddressKind::link_local},
    {"febf::1", AddressKind::link_local},
    {"fec0::1", AddressKind::private_use},
    {"ff02::1", AddressKind::multicast},
};

TEST(AddressRules, TellsEveryRangeAndItsNeighboursApart) {
  for (const Case& c : kCases) {
    EXPECT_STREQ(to_string(kind_of(boost::asio::ip::make_address(c.address))), to_string(c.kind))
        << c.address;
  }
}

TEST(AddressRules, AllowsOnlyPublicAddressesByDefault) {
  for (const Case& c : kCases) {
    const std::string why = refusal(boost::asio::ip::make_address(c.address), false);
    EXPECT_EQ(why.empty(), c.kind == AddressKind::global) << c.address << ": " << why;
  }
}

TEST(AddressRules, AllowsAllThatCanAnswerWhenPrivateAddressesAreAllowed) {
  for (const Case& c : kCases) {
    const std::string why = refusal(boost::asio::ip::make_address(c.address), true);
    const bool no_server = c.kind == AddressKind::multicast || c.kind == AddressKind::unspecified;
    EXPECT_EQ(!why.empty(), no_server) << c.address << ": " << why;
  }
}

TEST(AddressRules, NamesTheAddressAndItsKindInARefusal) {
  EXPECT_EQ(refusal(boost::asio::ip::make_address("169.254.169.254"), false),
            "169.254.169.254 is not a public address (link-local)");
}

}  // namespace
}  // namespace chainmend::net
