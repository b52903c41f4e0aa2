// How tasks end, with all that they have started.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>

#include "common/base/duration.h"
#include "common/base/files.h"
#include "tests/unit/runner/contained_runner_test.h"
#include "tests/unit/runner/test_runner.h"

namespace tutti::runner {
namespace {

using ::testing::HasSubstr;
using ::tutti::testing::TestRunner;

constexpr auto kOut = tutti::v1::OUTPUT_STREAM_STDOUT;
constexpr auto kEvent = tutti::v1::OUTPUT_STREAM_EVENT;

class RunnerEndingTest : public ContainedRunnerTest {};

INSTANTIATE_TEST_SUITE_P(, RunnerEndingTest, BothContainments(),
                         ContainmentName);

TEST_P(RunnerEndingTest, AJobThatForksTwiceAndCallsSetsidLeavesNothing) {
  const std::string path = runner_.directory().File("pid");
  const v1::AttemptState state = runner_.RunShell(fmt::format(
      "(setsid sh -c 'trap \"\" TERM HUP; echo $$ >{0}.new; mv {0}.new {0};"
      " sleep 1000' >/dev/null 2>&1 &) & "
      "while [ ! -e {0} ]; do sleep 0.01; done; echo done",
      path));
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_COMPLETED);
  EXPECT_GE(state.status().outcome().killed_leftovers(), 1u);
  EXPECT_EQ(runner_.Output(state.key(), kOut), "done\n");
  EXPECT_THAT(runner_.Output(state.key(), kEvent), HasSubstr("left over"));
  EXPECT_TRUE(IsGone(path));
}

TEST_P(RunnerEndingTest, ChildrenMayLiveOnWhenTheSpecSaysSo) {
  const std::string path = runner_.directory().File("pid");
  tutti::v1::JobSpec spec = TestRunner::Spec(
      {"/bin/sh", "-c",
       fmt::format("sleep 1000 >/dev/null 2>&1 & echo $! >{}", path)});
  spec.set_keep_children(true);
  const v1::AttemptState state = runner_.Run(spec);
  EXPECT_EQ(state.status().outcome().killed_leftovers(), 0u);
  const auto pid = static_cast<pid_t>(std::stol(*ReadFile(path)));
  EXPECT_EQ(kill(pid, 0), 0);
  kill(pid, SIGKILL);
}

// Whoever asked to keep them did not ask for how long the runner lives.
TEST_P(RunnerEndingTest, ChildrenThatWereKeptSurviveARestart) {
  const std::string path = runner_.directory().File("pid");
  tutti::v1::JobSpec spec = TestRunner::Spec(
      {"/bin/sh", "-c",
       fmt::format("sleep 1000 >/dev/null 2>&1 & echo $! >{}", path)});
  spec.set_keep_children(true);
  runner_.Run(spec);
  const auto pid = static_cast<pid_t>(std::stol(*ReadFile(path)));
  for (int restarts = 0; restarts < 2; ++restarts) {
    runner_.Restart();
    runner_.WaitForListing();
    const v1::AttemptState other = runner_.RunShell("sleep 1000 &");
    EXPECT_EQ(other.status().outcome().killed_leftovers(), 1u);
    EXPECT_FALSE(tutti::testing::HasEnded(pid));
  }
  kill(pid, SIGKILL);
}

TEST_P(RunnerEndingTest, StopReachesTheWholeTreeAndGivesItTime) {
  const std::string path = runner_.directory().File("pid");
  const tutti::v1::AttemptKey key = runner_.Start(TestRunner::Spec(
      {"/bin/sh", "-c",
       fmt::format("setsid sh -c 'trap \"echo tidied; exit\" TERM;"
                   " echo $$ >{}; while :; do sleep 0.01; done' & wait",
                   path)}));
  ASSERT_TRUE(IsWritten(path));
  runner_.client().Stop(key, {});
  const v1::AttemptState state = runner_.WaitForEnd(key);
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_STOPPED);
  EXPECT_EQ(state.status().outcome().signal(), SIGTERM);
  EXPECT_EQ(runner_.Output(key, kOut), "tidied\n");
  EXPECT_TRUE(IsGone(path));
}

TEST_P(RunnerEndingTest, AProcessThatIgnoresTermIsKilledAfterTheGrace) {
  const std::string path = runner_.directory().File("pid");
  tutti::v1::JobSpec spec = TestRunner::Spec(
      {"/bin/sh", "-c",
       fmt::format("trap '' TERM; echo $$ >{}; while :; do sleep 1000; done",
                   path)});
  *spec.mutable_grace() = ToProto(absl::Milliseconds(100));
  const tutti::v1::AttemptKey key = runner_.Start(spec);
  ASSERT_TRUE(IsWritten(path));
  runner_.client().Stop(key, {});
  const v1::AttemptState state = runner_.WaitForEnd(key);
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_STOPPED);
  EXPECT_EQ(state.status().outcome().signal(), SIGKILL);
  EXPECT_TRUE(IsGone(path));
}

// Some kernels go on to kill what is born in a group that was once killed.
TEST_P(RunnerEndingTest, WhatWasKilledDoesNotHarmTheNextTask) {
  tutti::v1::JobSpec left = TestRunner::Spec({"/bin/sh", "-c", "sleep 1000 &"});
  EXPECT_EQ(runner_.Run(left).status().state(),
            tutti::v1::TASK_STATE_COMPLETED);
  for (int i = 0; i < 3; ++i) {
    const v1::AttemptState next = runner_.Run(TestRunner::Spec({"true"}));
    EXPECT_EQ(next.status().state(), tutti::v1::TASK_STATE_COMPLETED)
        << next.status().ShortDebugString();
  }
}

TEST_P(RunnerEndingTest, TheTimeLimitEndsIt) {
  tutti::v1::JobSpec spec =
      TestRunner::Spec({"/bin/sh", "-c", "sleep 1000 & sleep 1000"});
  *spec.mutable_timeout() = ToProto(absl::Milliseconds(100));
  const v1::AttemptState state = runner_.Run(spec);
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_TIMED_OUT);
  EXPECT_EQ(state.status().outcome().reason(), "it ran longer than 100ms");
}

TEST_P(RunnerEndingTest, AShutDownStopsWhatRunsAndRecordsIt) {
  const std::string path = runner_.directory().File("pid");
  const tutti::v1::AttemptKey key = runner_.Start(TestRunner::Spec(
      {"/bin/sh", "-c", fmt::format("echo $$ >{}; sleep 1000", path)}));
  ASSERT_TRUE(IsWritten(path));
  runner_.Restart();
  const v1::AttemptState state = runner_.WaitForEnd(key);
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_STOPPED);
  EXPECT_EQ(state.status().outcome().reason(), "the runner was shut down");
  EXPECT_TRUE(IsGone(path));
}

}  // namespace
}  // namespace tutti::runner
