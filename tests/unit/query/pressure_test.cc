#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using PressureTest = QueryTest;

TEST_F(PressureTest, HasALineAKind) {
  EXPECT_THAT(Query("SELECT * FROM pressure"), IsEmpty());
  Write("/proc/pressure/io",
        "some avg10=0.68 avg60=1.27 avg300=0.50 total=19250929\n"
        "full avg10=0.00 avg60=0.03 avg300=0.00 total=8330179\n");
  Write("/proc/pressure/cpu", "some avg10=42.50 total=7\n");
  EXPECT_THAT(
      Query("SELECT resource, kind, avg10, avg60, avg300, total FROM pressure"),
      ElementsAre(ElementsAre("cpu", "some", "42.5", "NULL", "NULL", "7"),
                  ElementsAre("io", "some", "0.68", "1.27", "0.5", "19250929"),
                  ElementsAre("io", "full", "0", "0.03", "0", "8330179")));
}

}  // namespace
}  // namespace tutti::query
