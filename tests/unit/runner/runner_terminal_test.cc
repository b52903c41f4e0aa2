// Processes that run on a terminal. Where one of these breaks, `tutti shell` is
// no shell: nothing can be interrupted, edited or seen in full.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "tests/support/wait.h"
#include "tests/unit/runner/contained_runner_test.h"
#include "tests/unit/runner/fed_job.h"
#include "tests/unit/runner/test_runner.h"

namespace tutti::runner {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::tutti::testing::FedJob;
using ::tutti::testing::TestRunner;
using ::tutti::testing::WaitUntil;

constexpr auto kOut = tutti::v1::OUTPUT_STREAM_STDOUT;
constexpr auto kError = tutti::v1::OUTPUT_STREAM_STDERR;

class RunnerTerminalTest : public ContainedRunnerTest {
 protected:
  static FedJob ShellJob(const std::string& text) {
    return {TestRunner::Spec({"/bin/sh", "-c", text}), 24, 80};
  }
  FedJob StartShell(const std::string& text) {
    FedJob job = ShellJob(text);
    runner_.Start(job.spec());
    return job;
  }
  // Without any input.
  std::string Run(const FedJob& job) {
    runner_.Start(job.spec());
    return OutputAtTheEnd(job);
  }
  void Give(const FedJob& job, const std::string& chunk) {
    runner_.client().GiveInput(job.key(), chunk);
  }
  void WaitForOutput(const FedJob& job, const std::string& text) {
    ASSERT_TRUE(WaitUntil([&] {
      return runner_.Output(job.key(), kOut).find(text) != std::string::npos;
    })) << runner_.Output(job.key(), kOut);
  }
  std::string OutputAtTheEnd(const FedJob& job) {
    const v1::AttemptState state = runner_.WaitForEnd(job.key());
    EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_COMPLETED)
        << state.DebugString();
    EXPECT_EQ(runner_.Output(job.key(), kError), "");
    return runner_.Output(job.key(), kOut);
  }
};

INSTANTIATE_TEST_SUITE_P(, RunnerTerminalTest, BothContainments(),
                         ContainmentName);

TEST_P(RunnerTerminalTest, AllThreeStreamsAreATerminalOfTheAskedSizeAndType) {
  EXPECT_EQ(Run(ShellJob("[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && stty size; "
                         "echo $TERM >&2")),
            "24 80\r\nxterm-256color\r\n");
  EXPECT_THAT(Run(ShellJob("tty")), StartsWith("/dev/pts/"));
}

// Passwords are asked for there.
TEST_P(RunnerTerminalTest, TheProcessControlsIt) {
  FedJob job = StartShell(
      "echo ready >/dev/tty; read line </dev/tty; echo \"got $line\"");
  WaitForOutput(job, "ready");
  Give(job, job.Data("it\n"));
  EXPECT_EQ(OutputAtTheEnd(job), "ready\r\nit\r\ngot it\r\n");
}

TEST_P(RunnerTerminalTest, AnOperatorsOwnTermWins) {
  FedJob job = ShellJob("echo $TERM");
  tutti::v1::JobSpec spec = job.spec();
  tutti::v1::EnvironmentVariable& variable = *spec.add_environment();
  variable.set_name("TERM");
  variable.set_value("dumb");
  EXPECT_EQ(Run(FedJob(spec, 24, 80)), "dumb\r\n");
}

TEST_P(RunnerTerminalTest, AnotherSizeIsSignalled) {
  FedJob job = StartShell(
      "trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.01; done");
  WaitForOutput(job, "ready");
  Give(job, job.Resize(50, 132));
  EXPECT_EQ(OutputAtTheEnd(job), "ready\r\n50 132\r\n");
}

TEST_P(RunnerTerminalTest, ControlCInterruptsWhatIsInTheForeground) {
  FedJob job = StartShell(
      "trap 'echo caught; exit 0' INT; echo ready; "
      "while :; do sleep 0.01; done");
  WaitForOutput(job, "ready");
  Give(job, job.Data("\x03"));
  EXPECT_EQ(OutputAtTheEnd(job), "ready\r\n^Ccaught\r\n");
}

TEST_P(RunnerTerminalTest, WhatIsTypedIsEchoedAndTheEndIsTheEnd) {
  FedJob job = StartShell("cat");
  WaitUntilRunning(job.key());
  Give(job, job.Data("hi\n"));
  WaitForOutput(job, "hi\r\nhi\r\n");
  Give(job, job.End());
  EXPECT_EQ(OutputAtTheEnd(job), "hi\r\nhi\r\n");
}

TEST_P(RunnerTerminalTest, TheEndIsTheEndBehindALineThatWasBegun) {
  FedJob job = StartShell("cat");
  WaitUntilRunning(job.key());
  Give(job, job.Data("hi"));
  Give(job, job.End());
  EXPECT_EQ(OutputAtTheEnd(job), "hihi");
}

// A program that draws takes bytes as they are.
TEST_P(RunnerTerminalTest, ARawTerminalPassesEveryByte) {
  FedJob job = StartShell(
      "stty raw -echo; echo ready; head -c 256 | od -An -tx1 -v | tr -d ' "
      "\\n'");
  WaitForOutput(job, "ready");
  std::string bytes;
  std::string expected = "ready\n";
  for (int byte = 0; byte < 256; ++byte) {
    bytes += static_cast<char>(byte);
    expected += fmt::format("{:02x}", byte);
  }
  Give(job, job.Data(bytes));
  EXPECT_EQ(OutputAtTheEnd(job), expected);
}

TEST_P(RunnerTerminalTest, NoOutputIsMissingAtTheEnd) {
  for (int i = 0; i < 10; ++i) {
    std::string expected;
    for (int line = 1; line <= 20'000; ++line) {
      expected += fmt::format("{}\r\n", line);
    }
    EXPECT_TRUE(Run(ShellJob("seq 1 20000")) == expected);
  }
}

// Otherwise screen, sudo and mesg can not open it, and others could read along.
TEST_P(RunnerTerminalTest, ItBelongsToTheUserOfTheJob) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  tutti::v1::JobSpec spec = TestRunner::Spec(
      {"/bin/sh", "-c", "stat -c '%U %a' \"$(tty)\"; echo x >\"$(tty)\""});
  spec.set_user("nobody");
  EXPECT_EQ(Run(FedJob(spec, 24, 80)), "nobody 620\r\nx\r\n");
}

// A background process that holds it must not hold up the task's end.
TEST_P(RunnerTerminalTest, WhatIsLeftBehindIsEnded) {
  EXPECT_THAT(Run(ShellJob("trap '' HUP; sleep 1000 & echo done")),
              HasSubstr("done\r\n"));
}

}  // namespace
}  // namespace tutti::runner
