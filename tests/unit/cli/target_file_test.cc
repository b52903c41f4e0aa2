#include "controller/cli/target_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tutti::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

TEST(ParseTargetFileTest, OneExpressionALine) {
  TUTTI_ASSERT_OK_AND_ASSIGN(
      const std::vector<std::string> expressions,
      ParseTargetFile("hosts", "# the web\nweb[01-03]\r\n\n  db1  \nall"));
  EXPECT_THAT(expressions, ElementsAre("web[01-03]", "db1", "all"));
}

TEST(ParseTargetFileTest, NamesTheLineThatIsWrong) {
  EXPECT_THAT(
      ParseTargetFile("hosts", "web01\nweb[1-\n"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("hosts:2: ")));
  EXPECT_THAT(ParseTargetFile("hosts", std::string("web1\0web2\n", 10)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("hosts:1: there is a NUL byte")));
  EXPECT_THAT(ParseTargetFile("hosts", "\n# nobody\n"), Not(IsOk()));
}

}  // namespace
}  // namespace tutti::cli
