#include "controller/cli/target_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "common/base/file_descriptor.h"
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

// Services start programs with a socket there, which can not be opened by a
// path; nor is a file to be read from its beginning again.
TEST(ReadTargetFileTest, StandardInputMayBeASocket) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
  const FileDescriptor kept(dup(STDIN_FILENO));
  ASSERT_EQ(dup2(pair[0], STDIN_FILENO), STDIN_FILENO);
  close(pair[0]);
  ASSERT_EQ(write(pair[1], "web01\n", 6), 6);
  close(pair[1]);
  const auto expressions = ReadTargetFile("-");
  kept.valid() ? dup2(kept.get(), STDIN_FILENO) : close(STDIN_FILENO);
  TUTTI_ASSERT_OK(expressions.status());
  EXPECT_THAT(*expressions, ElementsAre("web01"));
}

}  // namespace
}  // namespace tutti::cli
