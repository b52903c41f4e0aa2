#include <resolv.h>

#include <string>

#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using DnsResolversTest = QueryTest;

TEST_F(DnsResolversTest, AreWhatTheFileSaysByType) {
  Write("/etc/resolv.conf",
        "# comment\n"
        "domain old.example\n"
        "nameserver 192.0.2.1\n"
        "search a.example b.example\n"
        "nameserver 2001:db8::1\n"
        "sortlist 192.0.2.0/255.255.255.0 198.51.100.0\n"
        "options rotate ndots:2\n");
  const std::string options = std::to_string(RES_DEFAULT | RES_ROTATE);
  EXPECT_THAT(
      Query("SELECT id, type, address, netmask, options FROM dns_resolvers"),
      ElementsAre(
          ElementsAre("0", "nameserver", "192.0.2.1", "NULL", options),
          ElementsAre("1", "nameserver", "2001:db8::1", "NULL", options),
          ElementsAre("0", "sortlist", "192.0.2.0", "255.255.255.0", options),
          ElementsAre("1", "sortlist", "198.51.100.0", "NULL", options),
          ElementsAre("0", "search", "a.example", "NULL", options),
          ElementsAre("1", "search", "b.example", "NULL", options)));
}

TEST_F(DnsResolversTest, AreNoneWithoutTheFile) {
  EXPECT_THAT(Query("SELECT * FROM dns_resolvers"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
