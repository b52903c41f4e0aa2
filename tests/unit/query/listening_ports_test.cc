#include "tests/unit/query/process_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;

using ListeningPortsTest = ProcessTest;

// If this fails, connections count as ports that are open.
TEST_F(ListeningPortsTest, AreSocketsThatWait) {
  Link("/proc/7/ns/net", "net:[1]");
  Write("/proc/7/net/tcp6",
        "0: 00000000000000000000000000000000:01BB "
        "00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 11 2 0\n"
        "1: 00000000000000000000000001000000:01BB "
        "00000000000000000000000001000000:D000 01 0:0 0:0 0 0 0 12 2 0\n");
  Write("/proc/7/net/udp",
        "0: 00000000:0044 00000000:0000 07 0:0 0:0 0 0 0 13 2 0\n"
        "1: 0100007F:D001 0100007F:0035 01 0:0 0:0 0 0 0 14 2 0\n");
  Write("/proc/7/net/unix",
        "0: 00000002 00000000 00010000 0001 01 15 /run/a.sock\n"
        "0: 00000003 00000000 00000000 0001 03 16 /run/a.sock\n"
        "0: 00000002 00000000 00000000 0002 01 17 @notify\n");
  Link("/proc/7/fd/3", "socket:[11]");
  EXPECT_THAT(
      Query("SELECT pid, fd, port, protocol, family, address, socket, path "
            "FROM listening_ports"),
      ElementsAre(
          ElementsAre("7", "3", "443", "6", "10", "::", "11", ""),
          ElementsAre("-1", "-1", "68", "17", "2", "0.0.0.0", "13", ""),
          ElementsAre("-1", "-1", "0", "0", "1", "", "15", "/run/a.sock"),
          ElementsAre("-1", "-1", "0", "0", "1", "", "17", "@notify")));
  EXPECT_THAT(Query("SELECT port FROM listening_ports WHERE pid = 7"),
              ElementsAre(ElementsAre("443")));
}

}  // namespace
}  // namespace tutti::query
