#include "query/host/program.h"

#include <cstdlib>

#include "tests/support/status_matchers.h"
#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::HasSubstr;
using tutti::testing::StatusIs;

Program Shell(std::string script) {
  Program program;
  program.paths = {"/none/sh", "/bin/sh"};
  program.arguments = {"-c", std::move(script)};
  return program;
}

TEST(ProgramTest, ItsOutputIsRead) {
  const auto output = RunProgram(Shell("cat; echo said; echo error >&2"));
  TUTTI_ASSERT_OK(output.status());
  EXPECT_EQ(*output, "said\n");
}

// If this fails, what this process was given reaches other programs.
TEST(ProgramTest, TheEnvironmentIsItsOwn) {
  setenv("TUTTI_SECRET", "secret", 1);
  const auto output = RunProgram(Shell("echo $TUTTI_SECRET-$LC_ALL"));
  unsetenv("TUTTI_SECRET");
  TUTTI_ASSERT_OK(output.status());
  EXPECT_EQ(*output, "-C\n");
}

TEST(ProgramTest, AFailureHasItsLastWords) {
  EXPECT_THAT(
      RunProgram(Shell("echo first >&2; echo last >&2; exit 3")).status(),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("/bin/sh failed: last")));
}

TEST(ProgramTest, ItEndsAtItsLimits) {
  Program slow = Shell("exec sleep 1000");
  slow.time_limit = absl::Milliseconds(50);
  EXPECT_THAT(
      RunProgram(slow).status(),
      StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("ask for less")));
  Program endless = Shell("exec yes");
  endless.output_limit = 1 << 20;
  EXPECT_THAT(RunProgram(endless).status(),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("ask for less")));
}

TEST(ProgramTest, NoneThatIsThereIsNotFound) {
  Program missing;
  missing.paths = {"/none/a", "/none/b"};
  EXPECT_THAT(RunProgram(missing).status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/none/a")));
}

}  // namespace
}  // namespace tutti::query
