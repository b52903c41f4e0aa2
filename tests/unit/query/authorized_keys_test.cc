#include <sys/stat.h>

#include <filesystem>

#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;

class AuthorizedKeysTest : public QueryTest {
 protected:
  void SetUp() override {
    Write("/etc/passwd",
          "ann:x:1:1::/home/ann:\nbob:x:2:2::/home/bob:\neve:x:3:3::/eve:\n");
  }
};

TEST_F(AuthorizedKeysTest, AreTakenApart) {
  Write(
      "/home/ann/.ssh/authorized_keys",
      "# a comment\n"
      "\n"
      "ssh-ed25519 AAAA ann at home\n"
      "  from=\"a b\",command=\"say \\\"x y\\\"\" ecdsa-sha2-nistp256 BBBB\r\n"
      "no key\n"
      "ssh-rsa\n");
  Write("/home/ann/.ssh/authorized_keys2", "ssh-rsa CCCC c\n");
  EXPECT_THAT(
      Query("SELECT uid, algorithm, key, options, comment, key_file "
            "FROM authorized_keys"),
      ElementsAre(ElementsAre("1", "ssh-ed25519", "AAAA", "", "ann at home",
                              "/home/ann/.ssh/authorized_keys"),
                  ElementsAre("1", "ecdsa-sha2-nistp256", "BBBB",
                              "from=\"a b\",command=\"say \\\"x y\\\"\"", "",
                              "/home/ann/.ssh/authorized_keys"),
                  ElementsAre("1", "ssh-rsa", "CCCC", "", "c",
                              "/home/ann/.ssh/authorized_keys2")));
}

TEST_F(AuthorizedKeysTest, AreOfTheAccountThatIsAskedFor) {
  Write("/home/ann/.ssh/authorized_keys", "ssh-rsa AAAA\n");
  Write("/home/bob/.ssh/authorized_keys", "ssh-rsa BBBB\n");
  EXPECT_THAT(Query("SELECT key FROM authorized_keys WHERE uid = 2"),
              ElementsAre(ElementsAre("BBBB")));
  EXPECT_THAT(
      Query("SELECT username, key FROM users "
            "JOIN authorized_keys USING (uid) ORDER BY key"),
      ElementsAre(ElementsAre("ann", "AAAA"), ElementsAre("bob", "BBBB")));
}

// An account could otherwise keep the query of root waiting for ever.
TEST_F(AuthorizedKeysTest, APipeInTheirPlaceIsNotRead) {
  std::filesystem::create_directories(Path("/home/ann/.ssh"));
  ASSERT_EQ(mkfifo(Path("/home/ann/.ssh/authorized_keys").c_str(), 0600), 0);
  Write("/home/bob/.ssh/authorized_keys", "ssh-rsa BBBB\n");
  EXPECT_THAT(Query("SELECT key FROM authorized_keys"),
              ElementsAre(ElementsAre("BBBB")));
}

}  // namespace
}  // namespace tutti::query
