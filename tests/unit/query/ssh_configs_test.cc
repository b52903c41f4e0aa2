#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;

class SshConfigsTest : public QueryTest {
 protected:
  void SetUp() override {
    Write("/etc/passwd", "root:x:0:0::/root:\nann:x:1:1::/home/ann:\n");
    Write("/etc/ssh/ssh_config", "# all\nHost *\n    SendEnv LANG\n");
    Write("/etc/ssh/ssh_config.d/a.conf", "ForwardAgent no\n");
    Write("/etc/ssh/ssh_config.d/a.conf.bak", "ForwardAgent yes\n");
    Write("/home/ann/.ssh/config",
          "Compression yes\nHOST=build\n\tUser ann\nMatch all\nUser=Other\n");
  }
};

TEST_F(SshConfigsTest, HaveTheBlockOfEachOption) {
  EXPECT_THAT(
      Query("SELECT block, option, ssh_config_file FROM ssh_configs "
            "WHERE uid = 1"),
      ElementsAre(
          ElementsAre("", "Compression yes", "/home/ann/.ssh/config"),
          ElementsAre("HOST=build", "User ann", "/home/ann/.ssh/config"),
          ElementsAre("Match all", "User=Other", "/home/ann/.ssh/config")));
}

TEST_F(SshConfigsTest, ThoseOfTheHostAreRoots) {
  EXPECT_THAT(Query("SELECT uid, block, option FROM ssh_configs WHERE uid = 0"),
              ElementsAre(ElementsAre("0", "Host *", "SendEnv LANG"),
                          ElementsAre("0", "", "ForwardAgent no")));
  EXPECT_THAT(Query("SELECT count(*) FROM ssh_configs"),
              ElementsAre(ElementsAre("5")));
}

}  // namespace
}  // namespace tutti::query
