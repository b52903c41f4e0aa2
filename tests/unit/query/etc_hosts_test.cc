#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using EtcHostsTest = QueryTest;

TEST_F(EtcHostsTest, AreTheLinesWithoutComments) {
  Write("/etc/hosts",
        "127.0.0.1\tlocalhost\n"
        "# 192.0.2.1 commented\n"
        "::1  localhost   ip6-localhost # both\n"
        "192.0.2.9\n");
  EXPECT_THAT(Query("SELECT address, hostnames FROM etc_hosts"),
              ElementsAre(ElementsAre("127.0.0.1", "localhost"),
                          ElementsAre("::1", "localhost ip6-localhost")));
}

TEST_F(EtcHostsTest, AreNoneWithoutTheFile) {
  EXPECT_THAT(Query("SELECT * FROM etc_hosts"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
