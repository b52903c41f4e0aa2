#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using LoadAverageTest = QueryTest;

TEST_F(LoadAverageTest, HasThreePeriods) {
  EXPECT_THAT(Query("SELECT * FROM load_average"), IsEmpty());
  Write("/proc/loadavg", "3.57 3.92 3.76 2/190 25709\n");
  EXPECT_THAT(Query("SELECT period, average FROM load_average"),
              ElementsAre(ElementsAre("1m", "3.57"), ElementsAre("5m", "3.92"),
                          ElementsAre("15m", "3.76")));
}

}  // namespace
}  // namespace tutti::query
