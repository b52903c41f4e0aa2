#include <string>

#include "tests/unit/query/process_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using ProcessEnvsTest = ProcessTest;

TEST_F(ProcessEnvsTest, AreTheVariables) {
  AddProcess(5, "of another user");
  Write("/proc/7/environ", std::string("A=1\0B=x=y\0no variable\0C=\0", 25));
  Write("/proc/8/environ", std::string("A=2", 3));
  EXPECT_THAT(
      Query("SELECT pid, key, value FROM process_envs"),
      ElementsAre(ElementsAre("7", "A", "1"), ElementsAre("7", "B", "x=y"),
                  ElementsAre("7", "C", ""), ElementsAre("8", "A", "2")));
  EXPECT_THAT(Query("SELECT value FROM process_envs WHERE pid = 8"),
              ElementsAre(ElementsAre("2")));
  EXPECT_THAT(Query("SELECT value FROM process_envs WHERE pid = 9"), IsEmpty());
}

}  // namespace
}  // namespace tutti::query
