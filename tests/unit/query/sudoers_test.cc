#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using SudoersTest = QueryTest;

TEST_F(SudoersTest, AreRulesAndNoComments) {
  Write("/etc/sudoers",
        "# a comment\n#\n"
        "Defaults\tenv_reset\n"
        "%sudo ALL=(ALL) \\\n  ALL\n"
        "#1000 ALL=(root) /bin/ls\n");
  EXPECT_THAT(
      Query("SELECT source, header, rule_details FROM sudoers"),
      ElementsAre(ElementsAre("/etc/sudoers", "Defaults", "env_reset"),
                  ElementsAre("/etc/sudoers", "%sudo", "ALL=(ALL)   ALL"),
                  ElementsAre("/etc/sudoers", "#1000", "ALL=(root) /bin/ls")));
}

TEST_F(SudoersTest, GoOnInWhatIsIncluded) {
  Write("/etc/sudoers", "@includedir /etc/sudoers.d\n#include more\n");
  Write("/etc/sudoers.d/b", "bob ALL=ALL\n");
  Write("/etc/sudoers.d/a.bak", "eve ALL=ALL\n");
  Write("/etc/sudoers.d/a~", "eve ALL=ALL\n");
  Write("/etc/sudoers.d/folder/x", "eve ALL=ALL\n");
  // Itself once more, and one that is not there.
  Write("/etc/more", "@include \"../etc/sudoers\"\n@include /none\n");
  EXPECT_THAT(
      Query("SELECT source, header, rule_details FROM sudoers"),
      ElementsAre(ElementsAre("/etc/sudoers", "includedir", "/etc/sudoers.d"),
                  ElementsAre("/etc/sudoers.d/b", "bob", "ALL=ALL"),
                  ElementsAre("/etc/sudoers", "include", "/etc/more"),
                  ElementsAre("/etc/more", "include", "/etc/sudoers"),
                  ElementsAre("/etc/more", "include", "/none")));
}

TEST_F(SudoersTest, AreNoneWithoutTheFile) {
  EXPECT_THAT(Query("SELECT * FROM sudoers"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
