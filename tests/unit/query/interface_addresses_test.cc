#include <linux/if_addr.h>
#include <sys/socket.h>

#include "query/host/network.h"
#include "tests/unit/query/netlink_message.h"
#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using namespace std::string_view_literals;

using InterfaceAddressesTest = QueryTest;

std::string Header(int family, int prefix_length, int flags) {
  ifaddrmsg header = {};
  header.ifa_family = static_cast<unsigned char>(family);
  header.ifa_prefixlen = static_cast<unsigned char>(prefix_length);
  header.ifa_flags = static_cast<unsigned char>(flags);
  header.ifa_index = 7;
  return BytesOf(header);
}

TEST_F(InterfaceAddressesTest, IPv4IsDecoded) {
  const auto address = DecodeAddress(
      Header(AF_INET, 20, 0) + Attribute(IFA_ADDRESS, "\xc0\x00\x02\x02"sv) +
      Attribute(IFA_LOCAL, "\xc0\x00\x02\x02"sv) +
      Attribute(IFA_BROADCAST, "\xc0\x00\x0f\xff"sv) +
      Attribute(IFA_LABEL, "eth0:1\0"sv));
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->interface_index, 7u);
  EXPECT_EQ(address->label, "eth0:1");
  EXPECT_EQ(address->address, "192.0.2.2");
  EXPECT_EQ(address->mask, "255.255.240.0");
  EXPECT_EQ(address->broadcast, "192.0.15.255");
  EXPECT_EQ(address->point_to_point, std::nullopt);
  EXPECT_FALSE(address->is_permanent);
}

TEST_F(InterfaceAddressesTest, TheOtherEndOfALinkIsDecoded) {
  const auto address =
      DecodeAddress(Header(AF_INET, 32, IFA_F_PERMANENT) +
                    Attribute(IFA_ADDRESS, "\x0a\x00\x00\x02"sv) +
                    Attribute(IFA_LOCAL, "\x0a\x00\x00\x01"sv));
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->address, "10.0.0.1");
  EXPECT_EQ(address->point_to_point, "10.0.0.2");
  EXPECT_TRUE(address->is_permanent);
}

TEST_F(InterfaceAddressesTest, IPv6IsDecoded) {
  const auto address = DecodeAddress(
      Header(AF_INET6, 60, 0) +
      Attribute(IFA_ADDRESS, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02"sv) +
      Attribute(IFA_FLAGS, BytesOf(uint32_t{IFA_F_PERMANENT})));
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->address, "fd00::2");
  EXPECT_EQ(address->mask, "ffff:ffff:ffff:fff0::");
  EXPECT_TRUE(address->is_permanent);
}

TEST_F(InterfaceAddressesTest, DamageIsNoAddress) {
  const std::string header = Header(AF_INET, 8, 0);
  EXPECT_FALSE(DecodeAddress("").has_value());
  EXPECT_FALSE(DecodeAddress(header).has_value());
  EXPECT_FALSE(
      DecodeAddress(header + Attribute(IFA_LOCAL, "\x0a"sv)).has_value());
  const std::string cut =
      header + Attribute(IFA_LOCAL, "\x0a\x00\x00\x01"sv).substr(0, 6);
  EXPECT_FALSE(DecodeAddress(cut).has_value());
  EXPECT_FALSE(DecodeAddress(Header(AF_APPLETALK, 8, 0) +
                             Attribute(IFA_LOCAL, "\x0a\x00\x00\x01"sv))
                   .has_value());
}

TEST_F(InterfaceAddressesTest, AHostHasALoopback) {
  EXPECT_THAT(Query("SELECT interface, address, mask FROM interface_addresses"),
              Contains(ElementsAre("lo", "127.0.0.1", "255.0.0.0")));
}

}  // namespace
}  // namespace tutti::query
