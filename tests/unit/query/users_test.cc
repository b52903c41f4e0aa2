#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using UsersTest = QueryTest;

TEST_F(UsersTest, AreThoseOfPasswd) {
  Write("/etc/passwd",
        "root:x:0:0:root:/root:/bin/bash\n"
        "# no account\n"
        "nobody:x:4294967294:65534:Nobody, of all:/nonexistent:\n");
  EXPECT_THAT(
      Query("SELECT username, uid, uid_signed, gid, description, directory, "
            "shell FROM users"),
      ElementsAre(
          ElementsAre("root", "0", "0", "0", "root", "/root", "/bin/bash"),
          ElementsAre("nobody", "4294967294", "-2", "65534", "Nobody, of all",
                      "/nonexistent", "")));
}

TEST_F(UsersTest, AreNoneWithoutTheFile) {
  EXPECT_THAT(Query("SELECT * FROM users"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
