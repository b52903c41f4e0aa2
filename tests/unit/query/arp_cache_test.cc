#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using ArpCacheTest = QueryTest;

TEST_F(ArpCacheTest, AreTheNeighboursOfTheKernel) {
  Write("/proc/net/arp",
        "IP address       HW type     Flags       HW address            Mask   "
        "  Device\n"
        "192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *      "
        "  eth0\n"
        "192.0.2.9        0x1         0x6         02:fc:00:00:00:06     *      "
        "  eth1\n"
        "cut off\n");
  EXPECT_THAT(
      Query("SELECT address, mac, interface, permanent FROM arp_cache"),
      ElementsAre(ElementsAre("192.0.2.1", "02:fc:00:00:00:05", "eth0", "0"),
                  ElementsAre("192.0.2.9", "02:fc:00:00:00:06", "eth1", "1")));
}

TEST_F(ArpCacheTest, AreNoneWithoutIPv4) {
  EXPECT_THAT(Query("SELECT * FROM arp_cache"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
