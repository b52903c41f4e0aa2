#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;

using TimeTest = QueryTest;

TEST_F(TimeTest, IsNow) {
  // The forms agree with each other, whenever it is.
  EXPECT_THAT(Query("SELECT unix_time - strftime('%s', datetime) = 0, "
                    "strftime('%Y', datetime) + 0 = year, "
                    "strftime('%m', datetime) + 0 = month, "
                    "strftime('%d', datetime) + 0 = day, "
                    "strftime('%H', datetime) + 0 = hour, "
                    "strftime('%M', datetime) + 0 = minutes, "
                    "strftime('%S', datetime) + 0 = seconds, "
                    "substr(timestamp, 1, 3) = substr(weekday, 1, 3), "
                    "iso_8601 = datetime, timezone, year > 2025, "
                    "length(local_timezone) > 0 FROM time"),
              ElementsAre(ElementsAre("1", "1", "1", "1", "1", "1", "1", "1",
                                      "1", "UTC", "1", "1")));
}

}  // namespace
}  // namespace tutti::query
