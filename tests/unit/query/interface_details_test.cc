#include <linux/if_link.h>

#include "query/host/network.h"
#include "tests/unit/query/netlink_message.h"
#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using namespace std::string_view_literals;

using InterfaceDetailsTest = QueryTest;

TEST_F(InterfaceDetailsTest, AnInterfaceIsDecoded) {
  ifinfomsg header = {};
  header.ifi_type = 772;
  header.ifi_flags = 0x1043;
  rtnl_link_stats64 statistics = {};
  statistics.rx_packets = 1;
  statistics.tx_packets = 2;
  statistics.rx_bytes = 3;
  statistics.tx_bytes = 5ull << 32;
  statistics.rx_errors = 5;
  statistics.tx_errors = 6;
  statistics.rx_dropped = 7;
  statistics.tx_dropped = 8;
  statistics.collisions = 9;
  const auto interface =
      DecodeInterface(BytesOf(header) + Attribute(IFLA_IFNAME, "eth0\0"sv) +
                      Attribute(IFLA_ADDRESS, "\x02\xfc\x00\x00\x00\x01"sv) +
                      Attribute(IFLA_MTU, BytesOf(uint32_t{1400})) +
                      Attribute(IFLA_STATS64, BytesOf(statistics)));
  ASSERT_TRUE(interface.has_value());
  EXPECT_EQ(interface->name, "eth0");
  EXPECT_EQ(interface->hardware_address, "02:fc:00:00:00:01");
  EXPECT_EQ(interface->type, 772);
  EXPECT_EQ(interface->flags, 0x1043);
  EXPECT_EQ(interface->mtu, 1400);
  EXPECT_EQ(interface->received_packets, 1);
  EXPECT_EQ(interface->sent_packets, 2);
  EXPECT_EQ(interface->received_bytes, 3);
  EXPECT_EQ(interface->sent_bytes, int64_t{5} << 32);
  EXPECT_EQ(interface->received_errors, 5);
  EXPECT_EQ(interface->sent_errors, 6);
  EXPECT_EQ(interface->received_dropped, 7);
  EXPECT_EQ(interface->sent_dropped, 8);
  EXPECT_EQ(interface->collisions, 9);
}

TEST_F(InterfaceDetailsTest, DamageIsNoInterface) {
  EXPECT_FALSE(DecodeInterface("").has_value());
  EXPECT_FALSE(DecodeInterface(BytesOf(ifinfomsg())).has_value());
}

TEST_F(InterfaceDetailsTest, AHostHasALoopback) {
  EXPECT_THAT(Query("SELECT type, mac, flags & 8, mtu > 0, link_speed, "
                    "pci_slot FROM interface_details WHERE interface = 'lo'"),
              ElementsAre(ElementsAre("772", "00:00:00:00:00:00", "8", "1",
                                      "NULL", "NULL")));
}

TEST_F(InterfaceDetailsTest, SpeedAndSlotAreThoseOfTheDevice) {
  Write("/sys/class/net/lo/speed", "2500\n");
  Write("/sys/class/net/lo/device/uevent",
        "DRIVER=virtio\nPCI_SLOT_NAME=0000:00:03.0\n");
  const char* query =
      "SELECT link_speed, pci_slot FROM interface_details "
      "WHERE interface = 'lo'";
  EXPECT_THAT(Query(query), ElementsAre(ElementsAre("2500", "0000:00:03.0")));
  // As drivers say that they do not know.
  Write("/sys/class/net/lo/speed", "-1\n");
  EXPECT_THAT(Query(query), ElementsAre(ElementsAre("NULL", "0000:00:03.0")));
}

}  // namespace
}  // namespace tutti::query
