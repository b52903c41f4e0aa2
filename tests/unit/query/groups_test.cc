#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using GroupsTest = QueryTest;

TEST_F(GroupsTest, AreThoseOfTheFile) {
  Write("/etc/group",
        "root:x:0:\n"
        "# no group\n"
        "bad:x:number:\n"
        "nogroup:x:4294967294:ann,bob\n");
  EXPECT_THAT(Query("SELECT groupname, gid, gid_signed FROM groups"),
              ElementsAre(ElementsAre("root", "0", "0"),
                          ElementsAre("nogroup", "4294967294", "-2")));
}

TEST_F(GroupsTest, AreNoneWithoutTheFile) {
  EXPECT_THAT(Query("SELECT * FROM groups"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
