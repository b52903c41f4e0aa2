#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using MemoryInfoTest = QueryTest;

TEST_F(MemoryInfoTest, IsInBytes) {
  EXPECT_THAT(Query("SELECT * FROM memory_info"), IsEmpty());
  Write("/proc/meminfo",
        "MemTotal:       8000 kB\nMemFree:         70 kB\n"
        "Active(anon):     1 kB\nActive:         10 kB\nHugePages_Total: 3\n");
  EXPECT_THAT(Query("SELECT memory_total, memory_free, active, swap_total "
                    "FROM memory_info"),
              ElementsAre(ElementsAre("8192000", "71680", "10240", "NULL")));
}

}  // namespace
}  // namespace tutti::query
