#include "tests/unit/query/login_record_file.h"
#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using LastTest = QueryTest;

TEST_F(LastTest, HasEveryRecordInTheFilesOrder) {
  Write("/var/log/wtmp",
        LoginRecordBytes(BOOT_TIME, 0, "reboot", "6.1", 1000) +
            // Past 2038.
            LoginRecordBytes(USER_PROCESS, 42, "ann", "192.0.2.1",
                             static_cast<int>(4000000000U)));
  EXPECT_THAT(
      Query("SELECT username, tty, pid, type, time, host FROM last"),
      ElementsAre(
          ElementsAre("reboot", "pts/0", "0", "2", "1000", "6.1"),
          ElementsAre("ann", "pts/0", "42", "7", "4000000000", "192.0.2.1")));
}

TEST_F(LastTest, IsEmptyWithoutTheFile) {
  EXPECT_THAT(Query("SELECT * FROM last"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
