#include <netinet/in.h>
#include <sys/socket.h>

#include "query/host/sockets.h"
#include "tests/unit/query/process_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::string_view kTcp =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when ...\n"
    "   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 "
    "00000000     0        0 450 1 0 100 0 0 10 0\n"
    "   1: 0100007F:0016 0200000A:8A65 01 00000000:00000000 03:000003EC "
    "00000000     0        0 451 3 0\n"
    "   2: 0100007F:0016 0200000A:8A66 06 00000000:00000000 03:000003EC "
    "00000000     0        0 0 3 0\n"
    "   3: malformed\n";
constexpr std::string_view kUnix =
    "Num       RefCount Protocol Flags    Type St Inode Path\n"
    "0000000000000000: 00000002 00000000 00010000 0001 01 460 /run/a b.sock\n"
    "0000000000000000: 00000003 00000000 00000000 0001 03 461 /run/a b.sock\n"
    "0000000000000000: 00000003 00000000 00000000 0001 03 462\n"
    "0000000000000000: 00000002 00000000 00000000 0002 01 463 @notify\n";

class ProcessOpenSocketsTest : public ProcessTest {
 protected:
  void SetUp() override {
    Link("/proc/7/ns/net", "net:[1]");
    Write("/proc/7/net/tcp", kTcp);
    Link("/proc/7/fd/3", "socket:[450]");
    Link("/proc/7/fd/4", "socket:[451]");
    Link("/proc/7/fd/5", "/dev/null");
    // Its child, in the same namespace.
    Link("/proc/8/ns/net", "net:[1]");
    Write("/proc/8/net/tcp", kTcp);
    Link("/proc/8/fd/3", "socket:[450]");
    Link("/proc/9/ns/net", "net:[2]");
    Write("/proc/9/net/unix", kUnix);
    Link("/proc/9/fd/6", "socket:[460]");
  }
};

TEST_F(ProcessOpenSocketsTest, HaveARowAHolder) {
  EXPECT_THAT(
      Query("SELECT pid, fd, socket, local_address, local_port, "
            "remote_address, remote_port, state, net_namespace "
            "FROM process_open_sockets WHERE family = 2 AND protocol = 6"),
      ElementsAre(ElementsAre("7", "3", "450", "127.0.0.1", "22", "0.0.0.0",
                              "0", "LISTEN", "1"),
                  ElementsAre("8", "3", "450", "127.0.0.1", "22", "0.0.0.0",
                              "0", "LISTEN", "1"),
                  ElementsAre("7", "4", "451", "127.0.0.1", "22", "10.0.0.2",
                              "35429", "ESTABLISHED", "1"),
                  ElementsAre("-1", "-1", "0", "127.0.0.1", "22", "10.0.0.2",
                              "35430", "TIME_WAIT", "1")));
}

TEST_F(ProcessOpenSocketsTest, OfOneProcessAreItsOwn) {
  EXPECT_THAT(Query("SELECT socket FROM process_open_sockets WHERE pid = 8"),
              ElementsAre(ElementsAre("450")));
  EXPECT_THAT(Query("SELECT socket FROM process_open_sockets WHERE pid = 5"),
              IsEmpty());
  EXPECT_THAT(Query("SELECT socket FROM process_open_sockets WHERE pid = -1 "
                    "AND family = 2"),
              ElementsAre(ElementsAre("0")));
}

TEST_F(ProcessOpenSocketsTest, OfUnixHavePaths) {
  EXPECT_THAT(Query("SELECT pid, socket, path, net_namespace "
                    "FROM process_open_sockets WHERE family = 1"),
              ElementsAre(ElementsAre("9", "460", "/run/a b.sock", "2"),
                          ElementsAre("-1", "461", "/run/a b.sock", "2"),
                          ElementsAre("-1", "462", "", "2"),
                          ElementsAre("-1", "463", "@notify", "2")));
}

TEST(SocketsTest, HaveAddressesOfIpv6) {
  const std::vector<Socket> sockets = ParseInternetSockets(
      "0: 00000000000000000000000001000000:0035 "
      "00000000000000000000000000000000:0000 07 0:0 0:0 0 0 0 9 2 0\n",
      AF_INET6, IPPROTO_UDP);
  ASSERT_THAT(sockets, SizeIs(1));
  EXPECT_EQ(sockets[0].local_address, "::1");
  EXPECT_EQ(sockets[0].local_port, 53);
  EXPECT_EQ(sockets[0].remote_address, "::");
  EXPECT_EQ(sockets[0].state, "");
  EXPECT_TRUE(sockets[0].listens);
}

}  // namespace
}  // namespace tutti::query
