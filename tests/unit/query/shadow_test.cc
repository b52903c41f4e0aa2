#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using ShadowTest = QueryTest;

TEST_F(ShadowTest, SaysOfWhatKindAPasswordIs) {
  Write("/etc/shadow",
        "root:$y$j9T$salt$hash:19000:0:99999:7:::\n"
        "daemon:*:19000:0:99999:7:::\n"
        "locked:!$6$salt$hash:19000::::::\n"
        "new:!!:19000::::::\n"
        "open::19000::::::\n"
        "broken:line\n");
  EXPECT_THAT(Query("SELECT username, password_status, hash_alg FROM shadow"),
              ElementsAre(ElementsAre("root", "active", "y"),
                          ElementsAre("daemon", "locked", ""),
                          ElementsAre("locked", "locked", ""),
                          ElementsAre("new", "not_set", ""),
                          ElementsAre("open", "empty", "")));
}

TEST_F(ShadowTest, HasTheAgesAndMinusOneForWhatIsNotSaid) {
  Write("/etc/shadow", "ann:x:1:2:3:4:5:6:7\nbob:x:::::::\n");
  EXPECT_THAT(
      Query("SELECT last_change, min, max, warning, inactive, expire, "
            "flag FROM shadow"),
      ElementsAre(ElementsAre("1", "2", "3", "4", "5", "6", "7"),
                  ElementsAre("-1", "-1", "-1", "-1", "-1", "-1", "-1")));
}

TEST_F(ShadowTest, IsEmptyWithoutTheFile) {
  EXPECT_THAT(Query("SELECT * FROM shadow"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
