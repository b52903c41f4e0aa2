#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using EtcServicesTest = QueryTest;

TEST_F(EtcServicesTest, AreTheLines) {
  Write("/etc/services",
        "# comment\n"
        "ssh\t\t22/tcp\t\t\t# SSH Remote Login\n"
        "discard 9/udp sink null\n"
        "broken 9\n"
        "worse x/tcp\n");
  EXPECT_THAT(
      Query("SELECT name, port, protocol, aliases, comment FROM etc_services"),
      ElementsAre(ElementsAre("ssh", "22", "tcp", "", "SSH Remote Login"),
                  ElementsAre("discard", "9", "udp", "sink null", "")));
}

TEST_F(EtcServicesTest, AreNoneWithoutTheFile) {
  EXPECT_THAT(Query("SELECT * FROM etc_services"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
