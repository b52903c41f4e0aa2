// Tasks that stand still, with all that they have started.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <string>

#include "common/base/files.h"
#include "tests/unit/runner/contained_runner_test.h"
#include "tests/unit/runner/test_runner.h"

namespace tutti::runner {
namespace {

using ::tutti::testing::TestRunner;
using ::tutti::testing::WaitUntil;

constexpr auto kOut = tutti::v1::OUTPUT_STREAM_STDOUT;
constexpr auto kEvent = tutti::v1::OUTPUT_STREAM_EVENT;

class RunnerSuspendTest : public ContainedRunnerTest {
 protected:
  // Shell text that counts in a file for ever, and forks for each step.
  std::string Counter(const std::string& name) {
    return fmt::format("while :; do echo x >>{}; sleep 0.01; done",
                       runner_.directory().File(name));
  }
  size_t Count(const std::string& name) {
    return ReadFile(runner_.directory().File(name)).value_or("").size();
  }
  bool Counts(const std::string& name) {
    const size_t before = Count(name);
    return WaitUntil([&] { return Count(name) > before; });
  }
  // Another counter, which must run, measures the time.
  bool StandsStill(const std::string& name, const std::string& other) {
    return WaitUntil([&] {
      const size_t before = Count(name);
      for (int i = 0; i < 10; ++i) {
        if (!Counts(other)) return false;
      }
      return Count(name) == before;
    });
  }

  tutti::v1::AttemptKey StartShell(const std::string& text) {
    return runner_.Start(TestRunner::Spec({"/bin/sh", "-c", text}));
  }
  void Suspend(const tutti::v1::AttemptKey& key, bool suspend) {
    runner_.client().Suspend(key, suspend);
    runner_.WaitFor(key, [suspend](const v1::AttemptState& state) {
      return state.status().state() == (suspend
                                            ? tutti::v1::TASK_STATE_SUSPENDED
                                            : tutti::v1::TASK_STATE_RUNNING);
    });
  }
};

INSTANTIATE_TEST_SUITE_P(, RunnerSuspendTest, BothContainments(),
                         ContainmentName);

// A daemon of its own session belongs to the task as well.
TEST_P(RunnerSuspendTest, TheWholeTreeStandsStillUntilItGoesOn) {
  const tutti::v1::AttemptKey key = StartShell(
      fmt::format("setsid sh -c '{}' & {}", Counter("far"), Counter("near")));
  StartShell(Counter("clock"));
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(Counts("near"));
    EXPECT_TRUE(Counts("far"));
    Suspend(key, true);
    EXPECT_TRUE(StandsStill("near", "clock"));
    EXPECT_TRUE(StandsStill("far", "clock"));
    Suspend(key, false);
  }
  EXPECT_TRUE(Counts("near"));
  EXPECT_TRUE(Counts("far"));
}

// Processes may notice that they were stopped, and their parents can tell.
TEST_P(RunnerSuspendTest, TheOutputSaysWhenThereWasNoControlGroup) {
  const std::string path = runner_.directory().File("pid");
  const tutti::v1::AttemptKey key =
      StartShell(fmt::format("echo $$ >{}; exec sleep 1000", path));
  ASSERT_TRUE(IsWritten(path));
  const bool contained =
      ReadFile(fmt::format("/proc/{}/cgroup", std::stol(*ReadFile(path))))
          .value_or("")
          .find("/tutti-") != std::string::npos;
  Suspend(key, true);
  const std::string event = runner_.Output(key, kEvent);
  EXPECT_EQ(event.empty(), contained) << event;
  if (GetParam() == ProcessLauncher::Containment::kKeeper) {
    EXPECT_EQ(event,
              "suspended by SIGSTOP, because there is no control group: the "
              "runner was told to do without");
  }
}

TEST_P(RunnerSuspendTest, WhatIsSuspendedCanTidyUpWhenItIsStopped) {
  const tutti::v1::AttemptKey key =
      StartShell("trap 'echo tidied; exit' USR1; " + Counter("near"));
  ASSERT_TRUE(Counts("near"));
  Suspend(key, true);
  tutti::v1::StopRule rule;
  rule.set_signal(SIGUSR1);
  runner_.client().Stop(key, rule);
  const v1::AttemptState state = runner_.WaitForEnd(key);
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_STOPPED);
  EXPECT_EQ(runner_.Output(key, kOut), "tidied\n");
}

// Somebody else killed it: what it leaves behind is ended although it stands
// still, and no later task begins in a frozen group.
TEST_P(RunnerSuspendTest, WhatIsKilledWhileItIsSuspendedHarmsNobody) {
  const std::string main = runner_.directory().File("main");
  const std::string left = runner_.directory().File("left");
  for (const std::string& others :
       {fmt::format("sleep 1000 & echo $! >{}; ", left), std::string()}) {
    const tutti::v1::AttemptKey key =
        StartShell(fmt::format("{}echo $$ >{}; exec sleep 1000", others, main));
    ASSERT_TRUE(IsWritten(main));
    Suspend(key, true);
    kill(static_cast<pid_t>(std::stol(*ReadFile(main))), SIGKILL);
    const v1::AttemptState state = runner_.WaitForEnd(key);
    EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_FAILED);
    EXPECT_EQ(state.status().outcome().signal(), SIGKILL);
    EXPECT_TRUE(IsGone(left));
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(runner_.Run(TestRunner::Spec({"true"})).status().state(),
                tutti::v1::TASK_STATE_COMPLETED);
    }
    std::filesystem::remove(main);
  }
}

}  // namespace
}  // namespace tutti::runner
