#include "controller/cli/run/environment_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace tutti::cli {
namespace {

using ::testing::StartsWith;
using ::tutti::testing::StatusIs;

TEST(EnvironmentFileTest, AVariableALine) {
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const std::vector<NamedValue> variables,
      ParseEnvironmentFile("f", "# comment\n\n  \nA=b = c \nB=\r\nC='#'"));
  ASSERT_EQ(variables.size(), 3u);
  EXPECT_EQ(variables[0].name, "A");
  EXPECT_EQ(variables[0].value, "b = c ");
  EXPECT_EQ(variables[1].value, "");
  EXPECT_EQ(variables[2].value, "'#'");
}

TEST(EnvironmentFileTest, AMistakeIsNamedWithItsLine) {
  for (const char* bad : {"A=1\nexport", "A=1\n 2=x", "A=1\n9=x",
                          "A=1\nTUTTI_JOB=x", "A=1\n=x"}) {
    EXPECT_THAT(
        ParseEnvironmentFile("site.env", bad).status(),
        StatusIs(absl::StatusCode::kInvalidArgument, StartsWith("site.env:2:")))
        << bad;
  }
}

}  // namespace
}  // namespace tutti::cli
