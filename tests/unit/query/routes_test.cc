#include <sys/socket.h>

#include "query/host/network.h"
#include "tests/unit/query/netlink_message.h"
#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using namespace std::string_view_literals;

using RoutesTest = QueryTest;

std::string Header(int family, int prefix_length) {
  rtmsg header = {};
  header.rtm_family = static_cast<unsigned char>(family);
  header.rtm_dst_len = static_cast<unsigned char>(prefix_length);
  header.rtm_type = RTN_UNICAST;
  header.rtm_flags = 16;
  return BytesOf(header);
}

TEST_F(RoutesTest, ARouteIsDecoded) {
  const auto route = DecodeRoute(
      Header(AF_INET, 24) + Attribute(RTA_DST, "\xc0\x00\x02\x00"sv) +
      Attribute(RTA_GATEWAY, "\x0a\x00\x00\x01"sv) +
      Attribute(RTA_PREFSRC, "\x0a\x00\x00\x02"sv) +
      Attribute(RTA_OIF, BytesOf(uint32_t{3})) +
      Attribute(RTA_PRIORITY, BytesOf(uint32_t{100})) +
      Attribute(RTA_METRICS,
                Attribute(RTAX_MTU, BytesOf(uint32_t{1300})) +
                    Attribute(RTAX_HOPLIMIT, BytesOf(uint32_t{9}))));
  ASSERT_TRUE(route.has_value());
  EXPECT_EQ(route->destination, "192.0.2.0");
  EXPECT_EQ(route->prefix_length, 24);
  ASSERT_EQ(route->hops.size(), 1u);
  EXPECT_EQ(route->hops[0].gateway, "10.0.0.1");
  EXPECT_EQ(route->hops[0].interface_index, 3u);
  EXPECT_EQ(route->source, "10.0.0.2");
  EXPECT_EQ(route->flags, 16);
  EXPECT_EQ(route->type, RTN_UNICAST);
  EXPECT_EQ(route->metric, 100);
  EXPECT_EQ(route->mtu, 1300);
  EXPECT_EQ(route->hop_limit, 9);
}

TEST_F(RoutesTest, ADefaultRouteHasAllHopsThatShareIt) {
  const auto hop = [](int index, std::string_view gateway) {
    const std::string attribute = Attribute(RTA_GATEWAY, gateway);
    rtnexthop header = {};
    header.rtnh_len =
        static_cast<unsigned short>(sizeof header + attribute.size());
    header.rtnh_ifindex = index;
    return BytesOf(header) + attribute;
  };
  const auto route = DecodeRoute(
      Header(AF_INET6, 0) +
      Attribute(RTA_MULTIPATH,
                hop(3, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"sv) +
                    hop(4, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x02"sv)));
  ASSERT_TRUE(route.has_value());
  EXPECT_EQ(route->destination, "::");
  ASSERT_EQ(route->hops.size(), 2u);
  EXPECT_EQ(route->hops[0].gateway, "fd00::1");
  EXPECT_EQ(route->hops[1].gateway, "fd00::2");
  EXPECT_EQ(route->hops[1].interface_index, 4u);
}

TEST_F(RoutesTest, DamageIsNoRoute) {
  EXPECT_FALSE(DecodeRoute("").has_value());
  EXPECT_FALSE(DecodeRoute(Header(AF_APPLETALK, 0)).has_value());
}

TEST_F(RoutesTest, AHostReachesItself) {
  EXPECT_THAT(Query("SELECT destination, netmask, interface, type FROM routes "
                    "WHERE netmask = '8'"),
              Contains(ElementsAre("127.0.0.0", "8", "lo", "local")));
}

}  // namespace
}  // namespace tutti::query
