#include "agent/runner/server/program.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <string_view>

#include "common/base/files.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::runner {
namespace {

using ::testing::HasSubstr;
using ::tutti::testing::StatusIs;
using ::tutti::testing::TemporaryDirectory;

class ProgramTest : public ::testing::Test {
 protected:
  // A shell script in the program's place.
  Program Script(std::string_view text,
                 absl::Duration check_within = absl::Seconds(60)) {
    const std::string path = directory_.File("program");
    TUTTI_EXPECT_OK(
        WriteFileAtomically(path, fmt::format("#!/bin/sh\n{}\n", text), 0755));
    return Program(argv_, path, check_within);
  }

  TemporaryDirectory directory_;
  char name_[5] = "name";
  char flag_[7] = "--flag";
  char* argv_[3] = {name_, flag_, nullptr};
};

TEST_F(ProgramTest, IsAskedWithItsOwnArgumentsWhetherItWouldStart) {
  TUTTI_EXPECT_OK(Script("[ \"$*\" = '--flag --check-config' ]").Check());
  EXPECT_THAT(Script("exit 1").Check(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("does not start with its configuration")));
}

TEST_F(ProgramTest, AFileThatIsGoneIsNamed) {
  EXPECT_THAT(Program(argv_, directory_.File("none")).Check(),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr(directory_.File("none"))));
}

// Otherwise every task of the host would wait for it.
TEST_F(ProgramTest, OneThatHangsIsNotWaitedFor) {
  EXPECT_THAT(Script("exec sleep 1000", absl::Milliseconds(100)).Check(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("did not check its configuration within")));
}

// The runner blocks the one and ignores the other; each ends the script here.
TEST_F(ProgramTest, IsCheckedWithTheDefaultSignals) {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, &before);
  const auto handler = signal(SIGPIPE, SIG_IGN);
  EXPECT_FALSE(Script("kill -TERM $$; exit 0").Check().ok());
  EXPECT_FALSE(Script("kill -PIPE $$; exit 0").Check().ok());
  signal(SIGPIPE, handler);
  sigprocmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace tutti::runner
