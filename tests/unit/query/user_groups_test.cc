#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;

using UserGroupsTest = QueryTest;

TEST_F(UserGroupsTest, AreThePrimaryOneAndThoseThatListTheAccountOnceEach) {
  Write("/etc/passwd", "ann:x:1:10::/:\nbob:x:2:20::/:\n");
  Write("/etc/group", "ann:x:10:ann\nstaff:x:30:bob,ann\nother:x:40:annabel\n");
  EXPECT_THAT(Query("SELECT uid, gid FROM user_groups"),
              ElementsAre(ElementsAre("1", "10"), ElementsAre("1", "30"),
                          ElementsAre("2", "20"), ElementsAre("2", "30")));
}

}  // namespace
}  // namespace tutti::query
