#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using CpuTimeTest = QueryTest;

TEST_F(CpuTimeTest, IsThatOfEachCpu) {
  EXPECT_THAT(Query("SELECT * FROM cpu_time"), IsEmpty());
  Write("/proc/stat",
        "cpu  11 22 33 44 55 66 77 88 99 100\n"
        "cpu0 1 2 3 4 5 6 7 8 9 10\ncpu12 1 2 3 4 5 6 7\nintr 3 0\n");
  EXPECT_THAT(
      Query("SELECT core, user, nice, system, idle, iowait, irq, "
            "softirq, steal, guest, guest_nice FROM cpu_time"),
      ElementsAre(
          ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"),
          ElementsAre("12", "1", "2", "3", "4", "5", "6", "7", "0", "0", "0")));
}

}  // namespace
}  // namespace tutti::query
