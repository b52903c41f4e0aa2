#include <string>

#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using EnvironmentTest = QueryTest;

TEST_F(EnvironmentTest, IsTheQuerysOwn) {
  EXPECT_THAT(Query("SELECT * FROM environment"), IsEmpty());
  Write("/proc/self/environ", std::string("A=1\0B=\0", 7));
  EXPECT_THAT(Query("SELECT key, value FROM environment"),
              ElementsAre(ElementsAre("A", "1"), ElementsAre("B", "")));
}

}  // namespace
}  // namespace tutti::query
