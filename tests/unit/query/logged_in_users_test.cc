#include "tests/unit/query/login_record_file.h"
#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using LoggedInUsersTest = QueryTest;

TEST_F(LoggedInUsersTest, AreTheRecordsButThoseOfInit) {
  const std::string long_name(sizeof utmp::ut_user, 'n');
  Write("/run/utmp",
        LoginRecordBytes(USER_PROCESS, 42, long_name, "192.0.2.1", 1000) +
            LoginRecordBytes(RUN_LVL, 1, "runlevel", "", 1) +
            LoginRecordBytes(99, 7, "ann", "", 2) + "cut off");
  EXPECT_THAT(
      Query("SELECT type, user, tty, host, time, pid FROM logged_in_users"),
      ElementsAre(
          ElementsAre("user", long_name, "pts/0", "192.0.2.1", "1000", "42"),
          ElementsAre("unknown", "ann", "pts/0", "", "2", "7")));
}

TEST_F(LoggedInUsersTest, AreNoneWithoutTheFile) {
  EXPECT_THAT(Query("SELECT * FROM logged_in_users"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
