#include <fmt/format.h>

#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using SystemControlsTest = QueryTest;

TEST_F(SystemControlsTest, AreNamedAsSysctlDoes) {
  EXPECT_THAT(Query("SELECT * FROM system_controls"), IsEmpty());
  Write("/proc/sys/vm/swappiness", "60\n");
  Write("/proc/sys/net/ipv4/conf/eth0.7/forwarding", "0\n");
  EXPECT_THAT(
      Query("SELECT name, subsystem, current_value, config_value, type "
            "FROM system_controls"),
      ElementsAre(ElementsAre("net.ipv4.conf.eth0/7.forwarding", "net", "0",
                              "NULL", "string"),
                  ElementsAre("vm.swappiness", "vm", "60", "NULL", "string")));
  EXPECT_THAT(Query("SELECT current_value FROM system_controls WHERE name = "
                    "'net.ipv4.conf.eth0/7.forwarding'"),
              ElementsAre(ElementsAre("0")));
  EXPECT_THAT(Query("SELECT name FROM system_controls WHERE subsystem = 'vm'"),
              ElementsAre(ElementsAre("vm.swappiness")));
  EXPECT_THAT(Query("SELECT name FROM system_controls WHERE name = 'net.ipv4'"),
              IsEmpty());
}

// If this fails, a name reads files that are no parameters.
TEST_F(SystemControlsTest, StayBelowTheirFolder) {
  Write("/proc/sys/vm/swappiness", "60\n");
  Write("/proc/version", "Linux\n");
  // The path "../version", and one with nothing between two slashes.
  for (const char* name : {"//.version", "vm..swappiness", ""}) {
    EXPECT_THAT(Query(fmt::format(
                    "SELECT * FROM system_controls WHERE name = '{}'", name)),
                IsEmpty())
        << name;
  }
  EXPECT_THAT(Query("SELECT * FROM system_controls WHERE subsystem = '..'"),
              IsEmpty());
}

TEST_F(SystemControlsTest, MayBeConfigured) {
  Write("/proc/sys/vm/swappiness", "60\n");
  Write("/proc/sys/net/ipv4/ip_forward", "0\n");
  Write("/proc/sys/net/ipv4/tcp_sack", "1\n");
  // Later ones win, and files of one name in earlier folders hide the others.
  Write("/usr/lib/sysctl.d/50-a.conf", "vm.swappiness = 1\n");
  Write("/usr/lib/sysctl.d/60-b.conf", "net.ipv4.tcp_sack = 0\n");
  Write("/etc/sysctl.d/60-b.conf",
        "# a comment\nvm.swappiness=2\n-net/ipv4/ip_forward = 1\n");
  Write("/etc/sysctl.d/README", "vm.swappiness = 9\n");
  EXPECT_THAT(Query("SELECT name, config_value FROM system_controls"),
              ElementsAre(ElementsAre("net.ipv4.ip_forward", "1"),
                          ElementsAre("net.ipv4.tcp_sack", "NULL"),
                          ElementsAre("vm.swappiness", "2")));
  Write("/etc/sysctl.conf",
        "vm.swappiness = 3\nnet.ipv4.tcp_* = 5\nnet.*.ip_forward = 6\n"
        "net.* = 7\n");
  EXPECT_THAT(Query("SELECT config_value FROM system_controls "
                    "WHERE name = 'vm.swappiness'"),
              ElementsAre(ElementsAre("3")));
  EXPECT_THAT(Query("SELECT config_value FROM system_controls "
                    "WHERE subsystem = 'net'"),
              ElementsAre(ElementsAre("1"), ElementsAre("5")));
  Write("/etc/sysctl.d/70-c.conf", "-net.ipv4.tcp_sack\n");
  EXPECT_THAT(Query("SELECT config_value FROM system_controls "
                    "WHERE name = 'net.ipv4.tcp_sack'"),
              ElementsAre(ElementsAre("NULL")));
}

}  // namespace
}  // namespace tutti::query
