#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using CrontabTest = QueryTest;

TEST_F(CrontabTest, HasTimesEventsAndNoVariables) {
  Write("/etc/crontab",
        "# comment\n"
        "SHELL=/bin/sh\n"
        "17 *\t* * 1-5\troot  cd / &&  run\n"
        "@reboot root start\n"
        "1 2 3\n");
  EXPECT_THAT(
      Query("SELECT event, minute, hour, day_of_month, month, day_of_week, "
            "command FROM crontab"),
      ElementsAre(
          ElementsAre("", "17", "*", "*", "*", "1-5", "root  cd / &&  run"),
          ElementsAre("@reboot", "", "", "", "", "", "root start")));
}

TEST_F(CrontabTest, IsOfTheHostAndOfAccounts) {
  Write("/etc/cron.d/e2scrub", "* * * * * root a\n");
  Write("/var/spool/cron/ann", "* * * * * b\n");
  Write("/var/spool/cron/crontabs/bob", "* * * * * c\n");
  EXPECT_THAT(Query("SELECT command, path FROM crontab"),
              ElementsAre(ElementsAre("root a", "/etc/cron.d/e2scrub"),
                          ElementsAre("b", "/var/spool/cron/ann"),
                          ElementsAre("c", "/var/spool/cron/crontabs/bob")));
}

TEST_F(CrontabTest, IsEmptyWithoutFiles) {
  EXPECT_THAT(Query("SELECT * FROM crontab"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
