// What becomes of a job when its runner is killed, or takes its own place.

#include <fmt/format.h>
#include <signal.h>

#include <filesystem>
#include <string>

#include "common/base/duration.h"
#include "common/base/files.h"
#include "common/records/record_log.h"
#include "tests/support/status_matchers.h"
#include "tests/support/wait.h"
#include "tests/unit/runner/fed_job.h"
#include "tests/unit/runner/runner_process_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::HasSubstr;

INSTANTIATE_TEST_SUITE_P(, RunnerProcessTest, ::testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "Keeper" : "Automatic";
                         });

// An upgrade in the middle of a job.
TEST_P(RunnerProcessTest, ItTakesItsOwnPlaceAndTheJobDoesNotNotice) {
  Start(TwoHalves());
  WaitForHalf();
  const pid_t before = runner_->pid();
  runner_->Signal(SIGUSR2);
  WaitForListings(2);
  OpenGate();
  const runner::v1::AttemptState state = WaitForEnd();
  EXPECT_EQ(state.status().state(), v1::TASK_STATE_FAILED);
  EXPECT_EQ(state.status().outcome().exit_status(), 3);
  EXPECT_GT(state.status().outcome().usage().peak_resident_bytes(), 0u);
  EXPECT_EQ(runner_->pid(), before);
  EXPECT_TRUE(runner_->running());
  ExpectAllOutputOnce(state);
}

// It writes all the while.
TEST_P(RunnerProcessTest, ItTakesItsOwnPlaceManyTimes) {
  OpenGate();
  Start(TwoHalves());
  for (int i = 2; i < 8; ++i) {
    runner_->Signal(SIGUSR2);
    WaitForListings(i);
  }
  const runner::v1::AttemptState state = WaitForEnd();
  EXPECT_EQ(state.status().outcome().exit_status(), 3);
  ExpectAllOutputOnce(state);
}

TEST_P(RunnerProcessTest, LimitsHoldAfterItTookItsOwnPlace) {
  v1::JobSpec spec = TwoHalves();
  *spec.mutable_timeout() = ToProto(absl::Seconds(2));
  Start(spec);
  runner_->Signal(SIGUSR2);
  WaitForListings(2);
  EXPECT_EQ(WaitForEnd().status().state(), v1::TASK_STATE_TIMED_OUT);
}

// What stands still goes on only when somebody says so, under the limit that
// was left.
TEST_P(RunnerProcessTest, WhatIsSuspendedStaysSoWhenItTakesItsOwnPlace) {
  v1::JobSpec spec = Counter();
  *spec.mutable_timeout() = ToProto(absl::Seconds(3));
  Start(spec);
  Suspend(true);
  runner_->Signal(SIGUSR2);
  WaitForListings(2);
  EXPECT_EQ(NewestState(), v1::TASK_STATE_SUSPENDED);
  client_->Suspend(key_, false);
  EXPECT_EQ(WaitForEnd().status().state(), v1::TASK_STATE_TIMED_OUT);
}

// The next runner does not know that it was suspended, and shows it as running.
TEST_P(RunnerProcessTest, WhatAKilledRunnerHadSuspendedGoesOnUntilToldAgain) {
  Start(Counter());
  Suspend(true);
  KillRunner();
  StartRunner();
  WaitForListings(2);
  EXPECT_EQ(NewestState(), v1::TASK_STATE_RUNNING);
  EXPECT_TRUE(Counts());
  Suspend(true);
  client_->Stop(key_, {});
  EXPECT_EQ(WaitForEnd().status().state(), v1::TASK_STATE_STOPPED);
}

// What the process had, what waited for it and what comes again fit together.
TEST_P(RunnerProcessTest, InputGoesOnWhereItWasWhenItTakesItsOwnPlace) {
  FedJob job(Shell(fmt::format("while [ ! -e {} ]; do sleep 0.01; done; cat",
                               directory_.File("gate"))));
  Start(job.spec());
  std::string all;
  std::vector<std::string> chunks;
  for (char c = 'a'; c < 'k'; ++c) {
    // The pipe holds three of them and a part of the fourth.
    const std::string data = fmt::format("{}{}", std::string(20'000, c), c);
    chunks.push_back(job.Data(data));
    all += data;
  }
  const auto has_three = [](const runner::v1::AttemptState& state) {
    return state.input_taken() == 3;
  };
  Give({chunks.begin(), chunks.begin() + 6});
  WaitFor(has_three);
  TakeItsOwnPlace();
  EXPECT_FALSE(WaitFor(has_three).input_closed());
  chunks.push_back(job.End());
  Give(chunks);
  TakeItsOwnPlace();
  Give(chunks);
  OpenGate();
  const runner::v1::AttemptState state = WaitForEnd();
  EXPECT_EQ(state.status().state(), v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(state.input_taken(), chunks.size());
  EXPECT_TRUE(OutputOf(state) == all);
}

TEST_P(RunnerProcessTest, ATerminalGoesOnWhenItTakesItsOwnPlace) {
  FedJob job(Shell("echo ready; read a; echo \"got $a\"; read b; stty size; "
                   "echo \"got $b\""),
             24, 80);
  Start(job.spec());
  WaitForOutput("ready");
  Give({job.Data("one\n")});
  WaitForOutput("got one");
  TakeItsOwnPlace();
  Give({job.Resize(50, 132), job.Data("two\n")});
  const runner::v1::AttemptState state = WaitForEnd();
  EXPECT_EQ(state.status().state(), v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(OutputOf(state),
            "ready\r\none\r\ngot one\r\ntwo\r\n50 132\r\ngot two\r\n");
}

// Whoever held the other end for the next runner could command the process.
TEST_P(RunnerProcessTest, InputEndsWithARunnerThatIsKilled) {
  FedJob job(
      Shell(fmt::format("cat; while [ ! -e {} ]; do sleep 0.01; done; "
                        "echo over",
                        directory_.File("gate"))));
  Start(job.spec());
  KillRunner();
  StartRunner();
  WaitForListings(2);
  EXPECT_TRUE(WaitFor([](const runner::v1::AttemptState& state) {
                return state.status().state() == v1::TASK_STATE_RUNNING;
              }).input_closed());
  Give({job.Data("ignored")});
  OpenGate();
  EXPECT_EQ(OutputOf(WaitForEnd()), "over\n");
}

TEST_P(RunnerProcessTest, ATerminalHangsUpWithARunnerThatIsKilled) {
  const std::string path = directory_.File("end");
  FedJob job(Shell(fmt::format("trap 'echo hung up >{}; exit' HUP; echo ready; "
                               "while :; do sleep 0.01; done",
                               path)),
             24, 80);
  Start(job.spec());
  WaitForOutput("ready");
  KillRunner();
  EXPECT_TRUE(
      WaitUntil([&] { return ReadFile(path).value_or("") == "hung up\n"; }));
  StartRunner();
  EXPECT_TRUE(WaitForEnd().input_closed());
}

// What it could not go on as must not cost what runs.
TEST_P(RunnerProcessTest, WhenItCanNotBeExecutedItGoesOnAsItIs) {
  Start(TwoHalves());
  WaitForHalf();
  std::filesystem::remove(directory_.File("operators.pem"));
  runner_->Signal(SIGUSR2);
  EXPECT_TRUE(runner_->WaitForError("it goes on as it is"));
  OpenGate();
  const runner::v1::AttemptState state = WaitForEnd();
  EXPECT_EQ(state.status().outcome().exit_status(), 3);
  ExpectAllOutputOnce(state);
}

// Whoever holds the pipes saves the job: it neither dies of a broken pipe nor
// loses a byte, and it is not started again.
TEST_P(RunnerProcessTest, AKilledRunnersJobGoesOnUnderTheNextOne) {
  Start(TwoHalves());
  WaitForHalf();
  KillRunner();
  OpenGate();
  StartRunner();
  const runner::v1::AttemptState state = WaitForEnd();
  EXPECT_EQ(state.status().state(), v1::TASK_STATE_FAILED)
      << state.DebugString();
  EXPECT_EQ(state.status().outcome().exit_status(), 3);
  ExpectAllOutputOnce(state);
}

// The side streams go the same ways.
TEST_P(RunnerProcessTest, SideStreamsGoOnUnderTheNextRunner) {
  v1::JobSpec spec =
      Shell(fmt::format("echo one >&3; echo '{{' >&4; echo half >{0}; "
                        "while [ ! -e {1} ]; do sleep 0.01; done; "
                        "echo two >&3; echo '}}' >&4",
                        directory_.File("half"), directory_.File("gate")));
  spec.set_side_streams(true);
  Start(spec);
  WaitForHalf();
  TakeItsOwnPlace();
  KillRunner();
  StartRunner();
  WaitForListings(3);
  OpenGate();
  const runner::v1::AttemptState state = WaitForEnd();
  EXPECT_EQ(state.status().state(), v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(OutputOf(state, v1::OUTPUT_STREAM_MESSAGE), "one\ntwo\n");
  EXPECT_EQ(OutputOf(state, v1::OUTPUT_STREAM_RESULT), "{\n}\n");
}

TEST_P(RunnerProcessTest, AJobThatEndsWithoutARunnerLosesNothing) {
  v1::JobSpec spec = TwoHalves();
  // Fits into the pipe: nothing needs a runner any more.
  spec.mutable_command()->set_arguments(
      2, fmt::format("echo $$ >{0}.new; mv {0}.new {0};"
                     "while [ ! -e {1} ]; do sleep 0.01; done; echo bye",
                     directory_.File("pid"), directory_.File("gate")));
  Start(spec);
  ASSERT_TRUE(WaitUntil([&] { return ReadFile(directory_.File("pid")).ok(); }));
  KillRunner();
  OpenGate();
  TUTTI_ASSERT_OK_AND_ASSIGN(const std::string pid,
                             ReadFile(directory_.File("pid")));
  ASSERT_TRUE(
      WaitUntil([&] { return HasEnded(static_cast<pid_t>(std::stol(pid))); }));
  StartRunner();
  const runner::v1::AttemptState state = WaitForEnd();
  EXPECT_GT(state.end_position(), kLogHeaderBytes);
  // With a cgroup the status is known where the kernel keeps it.
  EXPECT_THAT(state.status().state(), ::testing::AnyOf(v1::TASK_STATE_COMPLETED,
                                                       v1::TASK_STATE_UNKNOWN));
  if (GetParam()) {
    EXPECT_EQ(state.status().state(), v1::TASK_STATE_COMPLETED);
  }
}

// The agent went down with it: nobody has the pipes.
TEST_P(RunnerProcessTest, WhatNobodyHeldIsUnknown) {
  Start(TwoHalves());
  WaitForHalf();
  KillRunner();
  client_.reset();
  {
    MutexLock lock(mutex_);
    newest_.Clear();
  }
  Connect();
  StartRunner();
  const runner::v1::AttemptState state = WaitForEnd();
  EXPECT_EQ(state.status().state(), v1::TASK_STATE_UNKNOWN);
  EXPECT_THAT(state.status().outcome().reason(), HasSubstr("restarted"));
}

}  // namespace
}  // namespace tutti::testing
