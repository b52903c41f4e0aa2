#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using UptimeTest = QueryTest;

TEST_F(UptimeTest, HasItsParts) {
  EXPECT_THAT(Query("SELECT * FROM uptime"), IsEmpty());
  Write("/proc/uptime", "93784.90 1377.63\n");
  EXPECT_THAT(Query("SELECT days, hours, minutes, seconds, total_seconds "
                    "FROM uptime"),
              ElementsAre(ElementsAre("1", "2", "3", "4", "93784")));
}

TEST_F(UptimeTest, IsNoneWhenMalformed) {
  Write("/proc/uptime", "soon\n");
  EXPECT_THAT(Query("SELECT * FROM uptime"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
