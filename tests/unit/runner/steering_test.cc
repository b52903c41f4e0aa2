// Attempts that are told to end, to stand still, or to go on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <optional>

#include "common/base/duration.h"
#include "tests/unit/runner/attempt_table_fixture.h"

namespace tutti::runner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(AttemptTableTest, StopIsTermThenGraceThenKill) {
  const AttemptId id = StartAndRun();
  Stop();
  EXPECT_THAT(effects_.Take(), ElementsAre("terminate"));
  Stop();
  EXPECT_THAT(effects_.Take(), IsEmpty()) << "the grace time began again";
  Pass(absl::Milliseconds(2999));
  EXPECT_THAT(effects_.Take(), ElementsAre("publish RUNNING"));
  Pass(absl::Milliseconds(1));
  EXPECT_THAT(effects_.Take(), ElementsAre("kill"));
  EXPECT_EQ(StatusAfter(id, Killed(SIGKILL)).state(),
            tutti::v1::TASK_STATE_STOPPED);
}

TEST_F(AttemptTableTest, TheRuleOfAStopSaysWhichSignalAndHowLong) {
  StartAndRun();
  Stop(SIGINT, absl::Seconds(20));
  Pass(absl::Milliseconds(19'999));
  EXPECT_THAT(effects_.Take(), ElementsAre("signal 2", "publish RUNNING"));
  Pass(absl::Milliseconds(1));
  EXPECT_THAT(effects_.Take(), ElementsAre("kill"));
}

TEST_F(AttemptTableTest, ASignalThatDoesNotExistIsTerm) {
  for (const int signal : {-1, 0, 65}) {
    key_.set_attempt(key_.attempt() + 1);
    StartAndRun();
    Stop(signal);
    EXPECT_THAT(effects_.Take(), ElementsAre("terminate")) << signal;
  }
}

// Whoever is tired of waiting for a long grace time says so with another stop.
TEST_F(AttemptTableTest, ALaterStopThatLeavesLessTimeCounts) {
  StartAndRun();
  Stop(0, absl::Hours(1));
  Pass(absl::Seconds(10));
  effects_.Take();
  Stop(0, absl::Hours(1));
  Stop(SIGINT, absl::Hours(2));
  EXPECT_THAT(effects_.Take(), IsEmpty());
  Stop(0, absl::Seconds(5));
  EXPECT_THAT(effects_.Take(), IsEmpty()) << "it has been told by that signal";
  Pass(absl::Seconds(2));
  Stop(SIGQUIT, absl::Seconds(1));
  EXPECT_THAT(effects_.Take(), ElementsAre("signal 3"));
  Pass(absl::Seconds(1));
  EXPECT_THAT(effects_.Take(), ElementsAre("kill"));
  Stop(0, absl::ZeroDuration());
  EXPECT_THAT(effects_.Take(), IsEmpty()) << "it has been killed";
}

// Whoever shuts the host down does not wait for an hour.
TEST_F(AttemptTableTest, AShutDownShortensTheGraceOfAStop) {
  const AttemptId id = StartAndRun();
  Stop(0, absl::Hours(1));
  table_.StopAll(EndCause::kShutDown, Now());
  Pass(absl::Seconds(3));
  EXPECT_THAT(effects_.Take(),
              ElementsAre("terminate", "publish RUNNING", "kill"));
  EXPECT_EQ(StatusAfter(id, Killed(SIGKILL)).state(),
            tutti::v1::TASK_STATE_STOPPED);
}

TEST_F(AttemptTableTest, SuspendingIsToldOfAtOnceAndOnce) {
  StartAndRun();
  Suspend(true);
  Suspend(true);
  EXPECT_THAT(effects_.Take(), ElementsAre("freeze", "publish SUSPENDED"));
  Pass(absl::Hours(1));
  EXPECT_THAT(effects_.Take(), IsEmpty());
  Suspend(false);
  Suspend(false);
  EXPECT_THAT(effects_.Take(), ElementsAre("thaw", "publish RUNNING"));
}

TEST_F(AttemptTableTest, TheTimeLimitStandsStillWhileItIsSuspended) {
  *spec_.mutable_timeout() = ToProto(absl::Seconds(90));
  StartAndRun();
  Pass(absl::Seconds(30));
  Suspend(true);
  Pass(absl::Hours(5));
  Suspend(false);
  Pass(absl::Seconds(60) - absl::Nanoseconds(1));
  EXPECT_THAT(effects_.Take(),
              ElementsAre("publish RUNNING", "freeze", "publish SUSPENDED",
                          "thaw", "publish RUNNING"));
  Pass(absl::Nanoseconds(1));
  EXPECT_THAT(effects_.Take(), ElementsAre("terminate"));
}

// A frozen process can not tidy up.
TEST_F(AttemptTableTest, AStopLetsWhatIsSuspendedUseItsGraceTime) {
  const AttemptId id = StartAndRun();
  Suspend(true);
  effects_.Take();
  Stop();
  EXPECT_THAT(effects_.Take(),
              ElementsAre("terminate", "thaw", "publish RUNNING"));
  Suspend(true);
  EXPECT_THAT(effects_.Take(), IsEmpty()) << "suspended while it is ended";
  Pass(absl::Seconds(3));
  EXPECT_THAT(effects_.Take(), ElementsAre("kill"));
  EXPECT_EQ(StatusAfter(id, Killed(SIGKILL)).state(),
            tutti::v1::TASK_STATE_STOPPED);
}

TEST_F(AttemptTableTest, AShutDownEndsWhatIsSuspended) {
  StartAndRun();
  Suspend(true);
  effects_.Take();
  table_.StopAll(EndCause::kShutDown, Now());
  EXPECT_THAT(effects_.Take(),
              ElementsAre("terminate", "thaw", "publish RUNNING"));
}

TEST_F(AttemptTableTest, ASuspendBeforeTheStartIsDoneOnceItRuns) {
  *spec_.mutable_timeout() = ToProto(absl::Seconds(90));
  const AttemptId id = Plan();
  Suspend(true);
  table_.OnPlanned(id, "", Now());
  table_.OnStartingRecorded(id, "", Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("starting", "start"));
  table_.OnStarted(id, std::nullopt, Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("freeze", "publish SUSPENDED"));
  Pass(absl::Hours(1));
  Suspend(false);
  Pass(absl::Seconds(90));
  EXPECT_THAT(effects_.Take(),
              ElementsAre("thaw", "publish RUNNING", "terminate"));
}

TEST_F(AttemptTableTest, OneThatIsResumedBeforeItsStartIsNotSuspended) {
  const AttemptId id = Start();
  Suspend(true);
  table_.OnStartingRecorded(id, "", Now());
  Suspend(false);
  table_.OnStarted(id, std::nullopt, Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("starting", "start"));
}

TEST_F(AttemptTableTest, AStopDuringTheStartCountsForMoreThanASuspend) {
  const AttemptId id = Start();
  table_.OnStartingRecorded(id, "", Now());
  Suspend(true);
  Stop(0, absl::Hours(1));
  Stop(SIGINT, absl::Seconds(1));
  effects_.Take();
  table_.OnStarted(id, std::nullopt, Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("signal 2"));
  EXPECT_FALSE(table_.Find(id)->suspended);
  Pass(absl::Seconds(1));
  EXPECT_THAT(effects_.Take(), ElementsAre("publish RUNNING", "kill"));
}

TEST_F(AttemptTableTest, AStopBeforeTheStartStartsNothing) {
  const AttemptId id = Start();
  Stop();
  table_.OnStartingRecorded(id, "", Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("starting", "ended"));
  table_.OnEndRecorded(id);
  const tutti::v1::AttemptStatus& status = table_.Find(id)->status;
  EXPECT_EQ(status.state(), tutti::v1::TASK_STATE_STOPPED);
  EXPECT_THAT(status.outcome().reason(), HasSubstr("before it started"));
}

// A stop that comes while the program is being loaded is not lost.
TEST_F(AttemptTableTest, AStopDuringTheStartEndsItOnceItRuns) {
  const AttemptId id = Start();
  table_.OnStartingRecorded(id, "", Now());
  Stop();
  EXPECT_THAT(effects_.Take(), ElementsAre("starting", "start"));
  Pass(absl::Seconds(5));
  table_.OnStarted(id, std::nullopt, Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("terminate"));
  Pass(absl::Seconds(3));
  EXPECT_THAT(effects_.Take(), ElementsAre("publish RUNNING", "kill"));
  EXPECT_EQ(StatusAfter(id, Killed(SIGKILL)).state(),
            tutti::v1::TASK_STATE_STOPPED);
}

// Its own exit status counts, not that somebody came too late with a stop.
TEST_F(AttemptTableTest, AStopAfterTheMainProcessEndedChangesNothing) {
  const AttemptId id = StartAndRun();
  table_.OnMainEnded(id, Now());
  Stop();
  EXPECT_THAT(effects_.Take(), IsEmpty());
  EXPECT_EQ(StatusAfter(id, Exit(0)).state(), tutti::v1::TASK_STATE_COMPLETED);
  Stop();
  EXPECT_EQ(table_.Find(id)->status.state(), tutti::v1::TASK_STATE_COMPLETED);
}

TEST_F(AttemptTableTest, AShutDownStopsAllWithAShorterGrace) {
  *spec_.mutable_grace() = ToProto(absl::Hours(1));
  const AttemptId id = StartAndRun();
  table_.StopAll(EndCause::kShutDown, Now());
  Pass(absl::Seconds(30));
  EXPECT_THAT(effects_.Take(),
              ElementsAre("terminate", "publish RUNNING", "kill"));
  EXPECT_EQ(StatusAfter(id, Killed(SIGKILL)).outcome().reason(),
            "the runner was shut down");
}

TEST_F(AwaitedAttemptTest, AStopMeanwhileTakesEffectWhenItIsTakenUp) {
  const AttemptId id = Await();
  Stop();
  EXPECT_THAT(effects_.Take(), IsEmpty());
  table_.OnTakenUp(id, std::nullopt, Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("terminate", "thaw"));
}

// The runner took its own place while the attempt was suspended.
TEST_F(AwaitedAttemptTest, WhatIsHandedOverSuspendedStaysSo) {
  const AttemptId id = Await();
  RunningState state;
  state.suspended = true;
  state.time_left = absl::Seconds(7);
  table_.OnTakenUp(id, state, Now());
  EXPECT_EQ(table_.Find(id)->status.state(), tutti::v1::TASK_STATE_SUSPENDED);
  Pass(absl::Hours(1));
  EXPECT_THAT(effects_.Take(), IsEmpty());
  Suspend(false);
  Pass(absl::Seconds(7));
  EXPECT_THAT(effects_.Take(),
              ElementsAre("thaw", "publish RUNNING", "terminate"));
}

// Many programs take the same signal again for a wish to leave work undone.
TEST_F(AwaitedAttemptTest, TheSignalOfAStopIsHandedOver) {
  const AttemptId id = Await();
  RunningState state;
  state.cause = EndCause::kStopped;
  state.signal = SIGINT;
  state.kill_at = Now().steady + absl::Hours(1);
  table_.OnTakenUp(id, state, Now());
  Stop(SIGINT, absl::Seconds(5));
  EXPECT_THAT(effects_.Take(), IsEmpty());
  Stop(SIGTERM, absl::Seconds(2));
  EXPECT_THAT(effects_.Take(), ElementsAre("terminate"));
}

// Otherwise it would stand still although it is shown as running.
TEST_F(AwaitedAttemptTest, WhatAKilledRunnerHadSuspendedGoesOn) {
  table_.OnTakenUp(Await(), std::nullopt, Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("thaw"));
}

TEST_F(AwaitedAttemptTest, ASuspendMeanwhileTakesEffectWhenItIsTakenUp) {
  const AttemptId id = Await();
  Suspend(true);
  EXPECT_THAT(effects_.Take(), IsEmpty());
  table_.OnTakenUp(id, std::nullopt, Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("freeze", "publish SUSPENDED"));
}

}  // namespace
}  // namespace tutti::runner
