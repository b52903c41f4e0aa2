#include "agent/runner/core/attempt_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include "common/base/duration.h"
#include "tests/unit/runner/attempt_table_fixture.h"

namespace tutti::runner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// Otherwise a power cut could make an attempt run twice.
TEST_F(AttemptTableTest, NothingStartsBeforeItIsDurable) {
  const AttemptId id = Start();
  EXPECT_THAT(effects_.Take(), ElementsAre("starting"));
  table_.OnStartingRecorded(id, "", Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("start"));
}

// A directory server may take its time.
TEST_F(AttemptTableTest, NothingIsRecordedBeforeItsUserIsKnown) {
  const AttemptId id = Plan();
  EXPECT_THAT(effects_.Take(), IsEmpty());
  table_.OnPlanned(id, "no user 'bob' on this host", Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("publish REFUSED"));
  EXPECT_EQ(table_.Find(id)->status.outcome().reason(),
            "no user 'bob' on this host");
  EXPECT_EQ(table_.unfinished(), 0u);
}

// Otherwise a shutdown would wait for that server.
TEST_F(AttemptTableTest, OneThatIsStoppedMeanwhileEndsAtOnceAndIsRecorded) {
  const AttemptId id = Plan();
  Stop();
  EXPECT_THAT(effects_.Take(), ElementsAre("ended"));
  table_.OnPlanned(id, "", Now());
  table_.OnEndRecorded(id);
  EXPECT_THAT(effects_.Take(), ElementsAre("publish STOPPED"));
  EXPECT_EQ(table_.Find(id)->status.outcome().reason(),
            "it was stopped before it started");
}

TEST_F(AttemptTableTest, NothingStartsWhenTheLedgerCanNotBeWritten) {
  const AttemptId id = Start();
  effects_.Take();
  table_.OnStartingRecorded(id, "cannot write the ledger", Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("ended"));
  table_.OnEndRecorded(id);
  EXPECT_THAT(effects_.Take(), ElementsAre("publish NOT_STARTED"));
  EXPECT_EQ(table_.Find(id)->status.outcome().reason(),
            "cannot write the ledger");
}

TEST_F(AttemptTableTest, AShortAttemptIsToldOfOnceAfterItsEndIsDurable) {
  const AttemptId id = StartAndRun();
  Pass(absl::Milliseconds(49));
  table_.OnOutput(id, 1000, Now());
  table_.OnEnded(id, Exit(0), 1000, Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("ended"));
  table_.OnEndRecorded(id);
  EXPECT_THAT(effects_.Take(), ElementsAre("publish COMPLETED"));
  EXPECT_EQ(table_.Find(id)->status.ended_at().seconds(),
            absl::ToUnixSeconds(kStart));
  EXPECT_EQ(table_.NextDeadline(), std::nullopt);
  EXPECT_EQ(table_.unfinished(), 0u);
}

TEST_F(AttemptTableTest, ALongerOneIsToldOfAfterFiftyMilliseconds) {
  StartAndRun();
  Pass(absl::Milliseconds(49));
  EXPECT_THAT(effects_.Take(), IsEmpty());
  Pass(absl::Milliseconds(1));
  EXPECT_THAT(effects_.Take(), ElementsAre("publish RUNNING"));
}

TEST_F(AttemptTableTest, MuchOutputIsToldOfAtOnce) {
  const AttemptId id = StartAndRun();
  table_.OnOutput(id, 32 << 10, Now());
  EXPECT_THAT(effects_.Take(), IsEmpty());
  table_.OnOutput(id, (32 << 10) + 1, Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("publish RUNNING"));
}

// Every byte is told of soon, but not every write by itself.
TEST_F(AttemptTableTest, GrowingOutputIsToldOfNowAndThen) {
  const AttemptId id = StartAndRun();
  Pass(absl::Milliseconds(60));
  effects_.Take();
  table_.OnOutput(id, 100, Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("publish RUNNING"));
  table_.OnOutput(id, 200, Now());
  table_.OnOutput(id, 300, Now());
  EXPECT_THAT(effects_.Take(), IsEmpty());
  Pass(absl::Milliseconds(5));
  EXPECT_THAT(effects_.Take(), ElementsAre("publish RUNNING"));
  table_.OnOutput(id, 300 + (256 << 10), Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("publish RUNNING"));
}

class FedAttemptTest : public AttemptTableTest {
 protected:
  FedAttemptTest() { spec_.mutable_input()->mutable_stream(); }
  void Take(AttemptId id, uint64_t taken, bool waits) {
    table_.OnInput(id, {.taken = taken, .waits = waits, .closed = false},
                   Now());
  }
};

// Its operator's first keystroke would wait for 50 ms.
TEST_F(FedAttemptTest, OneThatTakesInputIsToldOfAtOnce) {
  const AttemptId id = Start();
  EXPECT_FALSE(table_.Find(id)->input.closed);
  table_.OnStartingRecorded(id, "", Now());
  effects_.Take();
  table_.OnStarted(id, std::nullopt, Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("publish RUNNING"));
}

TEST_F(FedAttemptTest, MuchInputThatWasTakenIsToldOfAtOnce) {
  const AttemptId id = StartAndRun();
  Take(id, 7, true);
  EXPECT_THAT(effects_.Take(), IsEmpty());
  Take(id, 8, true);
  EXPECT_THAT(effects_.Take(), ElementsAre("publish RUNNING"));
}

// The sender may have nothing more to say until it hears of that.
TEST_F(FedAttemptTest, WhenAllWasTakenThatIsToldSoon) {
  const AttemptId id = StartAndRun();
  Take(id, 1, false);
  EXPECT_THAT(effects_.Take(), IsEmpty());
  Pass(absl::Milliseconds(5));
  EXPECT_THAT(effects_.Take(), ElementsAre("publish RUNNING"));
  Pass(absl::Seconds(1));
  Take(id, 2, false);
  EXPECT_THAT(effects_.Take(), ElementsAre("publish RUNNING"));
}

TEST_F(FedAttemptTest, WhoTakesNoMoreIsToldOfSoonAlthoughMuchWaits) {
  const AttemptId id = StartAndRun();
  Pass(absl::Seconds(1));
  table_.OnInput(id, {.taken = 0, .waits = true, .closed = true}, Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("publish RUNNING"));
}

TEST_F(FedAttemptTest, WhatHasEndedTakesNoInput) {
  const AttemptId id = StartAndRun();
  StatusAfter(id, Exit(0));
  EXPECT_TRUE(table_.Find(id)->input.closed);
}

TEST_F(AttemptTableTest, AFailedStartIsNotStarted) {
  ProcessEnd failure;
  failure.start_error = ENOENT;
  failure.remark = "no such program 'x'";
  const AttemptId id = Start();
  table_.OnStartingRecorded(id, "", Now());
  table_.OnStarted(id, failure, Now());
  table_.OnEndRecorded(id);
  const tutti::v1::AttemptStatus& status = table_.Find(id)->status;
  EXPECT_EQ(status.state(), tutti::v1::TASK_STATE_NOT_STARTED);
  EXPECT_EQ(status.outcome().start_errno(), ENOENT);
  EXPECT_EQ(status.outcome().reason(), "no such program 'x'");
  EXPECT_FALSE(status.has_started_at());
}

TEST_F(AttemptTableTest, TheEndSaysHow) {
  EXPECT_EQ(StatusAfter(StartAndRun(), Exit(0)).state(),
            tutti::v1::TASK_STATE_COMPLETED);
  key_.set_attempt(2);
  tutti::v1::AttemptStatus status = StatusAfter(StartAndRun(), Exit(3));
  EXPECT_EQ(status.state(), tutti::v1::TASK_STATE_FAILED);
  EXPECT_EQ(status.outcome().exit_status(), 3);
  key_.set_attempt(3);
  status = StatusAfter(StartAndRun(), Killed(SIGSEGV));
  EXPECT_EQ(status.state(), tutti::v1::TASK_STATE_FAILED);
  EXPECT_EQ(status.outcome().signal(), SIGSEGV);
  key_.set_attempt(4);
  ProcessEnd lost;
  lost.lost = true;
  status = StatusAfter(StartAndRun(), lost);
  EXPECT_EQ(status.state(), tutti::v1::TASK_STATE_UNKNOWN);
  EXPECT_EQ(status.outcome().end_case(), tutti::v1::Outcome::END_NOT_SET);
}

// A process that waits for a dead disk must not hold the task for ever.
TEST_F(AttemptTableTest, WhatCanNotBeKilledIsGivenUp) {
  StartAndRun();
  Stop();
  Pass(absl::Seconds(14));
  EXPECT_THAT(effects_.Take(),
              ElementsAre("terminate", "publish RUNNING", "kill", "give up"));
}

TEST_F(AttemptTableTest, TheTimeLimitEndsItLikeAStop) {
  *spec_.mutable_timeout() = ToProto(absl::Seconds(90));
  const AttemptId id = StartAndRun();
  Pass(absl::Seconds(90) - absl::Nanoseconds(1));
  effects_.Take();
  Pass(absl::Nanoseconds(1));
  EXPECT_THAT(effects_.Take(), ElementsAre("terminate"));
  Pass(absl::Seconds(3));
  EXPECT_THAT(effects_.Take(), ElementsAre("kill"));
  const tutti::v1::AttemptStatus& status = StatusAfter(id, Killed(SIGKILL));
  EXPECT_EQ(status.state(), tutti::v1::TASK_STATE_TIMED_OUT);
  EXPECT_EQ(status.outcome().signal(), SIGKILL);
  EXPECT_EQ(status.outcome().reason(), "it ran longer than 1m 30s");
}

// The limit is on the running time, not on the waiting for the disk.
TEST_F(AttemptTableTest, TheTimeLimitBeginsWithTheProcess) {
  *spec_.mutable_timeout() = ToProto(absl::Seconds(1));
  const AttemptId id = Start();
  Pass(absl::Seconds(5));
  table_.OnStartingRecorded(id, "", Now());
  table_.OnStarted(id, std::nullopt, Now());
  effects_.Take();
  Pass(absl::Milliseconds(999));
  EXPECT_THAT(effects_.Take(), ElementsAre("publish RUNNING"));
}

TEST_F(AttemptTableTest, ARefusalIsFinalAtOnce) {
  table_.Refuse(key_, "no", Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("publish REFUSED"));
  EXPECT_EQ(table_.Find(key_)->status.outcome().reason(), "no");
}

// An agent that goes on asking for what may not run must not fill the memory.
TEST_F(AttemptTableTest, OfRefusedOnesTheOldestGoFirst) {
  for (uint32_t i = 1; i <= AttemptTable::kMaxWithoutTrace; ++i) {
    key_.set_attempt(i);
    table_.Refuse(key_, "no", Now());
  }
  key_.set_attempt(2);
  EXPECT_TRUE(table_.Release(key_));
  EXPECT_EQ(table_.size(), AttemptTable::kMaxWithoutTrace - 1);
  effects_.Take();
  for (uint32_t i = 1; i <= 3; ++i) {
    key_.set_attempt(10'000 + i);
    table_.Refuse(key_, "no", Now());
  }
  EXPECT_THAT(effects_.Take(),
              ElementsAre("publish REFUSED", "forget 1", "publish REFUSED",
                          "publish REFUSED", "forget 3"));
  key_.set_attempt(1);
  EXPECT_EQ(table_.Find(key_), nullptr);
  table_.Refuse(key_, "no", Now());
  EXPECT_EQ(table_.Find(key_)->status.state(), tutti::v1::TASK_STATE_REFUSED);
}

TEST_F(AttemptTableTest, OnlyWhatIsFinalIsReleased) {
  const AttemptId id = StartAndRun();
  EXPECT_FALSE(table_.Release(key_));
  table_.OnEnded(id, Exit(0), 0, Now());
  EXPECT_FALSE(table_.Release(key_)) << "its end is not durable yet";
  table_.OnEndRecorded(id);
  EXPECT_TRUE(table_.Release(key_));
  EXPECT_EQ(table_.Find(key_), nullptr);
  EXPECT_EQ(table_.size(), 0u);
}

TEST_F(AwaitedAttemptTest, WhatIsTakenUpRunsOnUnderItsLimits) {
  const AttemptId id = Await();
  EXPECT_EQ(table_.CountRunning(), 0u);
  table_.OnTakenUp(id, std::nullopt, Now());
  EXPECT_EQ(table_.CountRunning(), 1u);
  effects_.Take();
  Pass(absl::Seconds(29));
  EXPECT_THAT(effects_.Take(), IsEmpty());
  Pass(absl::Seconds(1));
  EXPECT_THAT(effects_.Take(), ElementsAre("terminate"));
  EXPECT_EQ(StatusAfter(id, Killed(SIGTERM)).state(),
            tutti::v1::TASK_STATE_TIMED_OUT);
}

TEST_F(AwaitedAttemptTest, WhatIsHandedOverGoesOnExactlyAsItWas) {
  const AttemptId id = Await();
  RunningState state;
  state.cause = EndCause::kStopped;
  state.kill_at = Now().steady + absl::Seconds(2);
  table_.OnTakenUp(id, state, Now());
  EXPECT_THAT(effects_.Take(), IsEmpty()) << "it was told to end before";
  Pass(absl::Seconds(2));
  EXPECT_THAT(effects_.Take(), ElementsAre("kill"));
  EXPECT_EQ(StatusAfter(id, Killed(SIGKILL)).state(),
            tutti::v1::TASK_STATE_STOPPED);
}

TEST_F(AwaitedAttemptTest, WhatDoesNotComeBackIsUnknownAndRecorded) {
  const AttemptId id = Await();
  table_.OnLost(id, "nobody had it", Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("ended"));
  table_.OnTakenUp(id, std::nullopt, Now());
  table_.OnEndRecorded(id);
  EXPECT_THAT(effects_.Take(), ElementsAre("publish UNKNOWN"));
  EXPECT_EQ(table_.Find(id)->status.outcome().reason(), "nobody had it");
}

TEST_F(AttemptTableTest, WhatAnEarlierRunnerLeftIsRecordedIfItWasNot) {
  tutti::v1::AttemptStatus status;
  status.set_state(tutti::v1::TASK_STATE_UNKNOWN);
  table_.Restore(key_, status, 16, 99, /*recorded=*/false);
  EXPECT_THAT(effects_.Take(), ElementsAre("ended"));
  table_.OnEndRecorded(table_.Find(key_)->id);
  EXPECT_THAT(effects_.Take(), ElementsAre("publish UNKNOWN"));
  key_.set_attempt(2);
  table_.Restore(key_, status, 16, 99, /*recorded=*/true);
  EXPECT_THAT(effects_.Take(), ElementsAre("publish UNKNOWN"));
  EXPECT_EQ(table_.Find(key_)->end_position, 99u);
}

// Nobody could be told of it: a state goes in one packet.
TEST_F(AttemptTableTest, ReasonsAreClippedWhereverTheyComeFrom) {
  const std::string text(70'000, 'x');
  ProcessEnd failure;
  failure.start_error = ENAMETOOLONG;
  failure.remark = text;
  const AttemptId failed = Start();
  table_.OnStartingRecorded(failed, "", Now());
  table_.OnStarted(failed, failure, Now());
  tutti::v1::AttemptStatus recorded;
  recorded.mutable_outcome()->set_reason(text);
  key_.set_attempt(2);
  table_.Refuse(key_, text, Now());
  key_.set_attempt(3);
  table_.Restore(key_, recorded, 0, 0, /*recorded=*/true);
  for (uint32_t attempt = 1; attempt <= 3; ++attempt) {
    key_.set_attempt(attempt);
    const std::string& reason = table_.Find(key_)->status.outcome().reason();
    EXPECT_THAT(reason, StartsWith("xxx"));
    EXPECT_EQ(reason.size(), kMaxReasonBytes) << attempt;
  }
}

class ConditionTest : public AttemptTableTest {
 protected:
  ConditionTest() { spec_.mutable_condition()->set_sql("SELECT 1"); }
};

TEST_F(ConditionTest, NothingIsRecordedBeforeItHolds) {
  const AttemptId id = Start();
  EXPECT_THAT(effects_.Take(), ElementsAre("ask"));
  table_.OnConditionAnswered(id, {.holds = true, .failure = ""}, Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("starting"));
}

// Otherwise it would be in the ledger, and could never be asked again.
TEST_F(ConditionTest, AHostThatDoesNotMatchIsSkippedWithoutATrace) {
  const AttemptId id = Start();
  effects_.Take();
  table_.OnConditionAnswered(id, {}, Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("publish SKIPPED"));
  const tutti::v1::Outcome& outcome = table_.Find(id)->status.outcome();
  EXPECT_TRUE(outcome.unmatched());
  EXPECT_EQ(outcome.reason(), "it does not match the condition (--where)");
  EXPECT_TRUE(table_.Release(key_));
}

TEST_F(ConditionTest, OneWithoutAnAnswerDoesNotStart) {
  const AttemptId id = Start();
  effects_.Take();
  table_.OnConditionAnswered(id, {.holds = false, .failure = "no answer"},
                             Now());
  EXPECT_THAT(effects_.Take(), ElementsAre("publish NOT_STARTED"));
  EXPECT_EQ(table_.Find(id)->status.outcome().reason(), "no answer");
  EXPECT_FALSE(table_.Find(id)->status.outcome().unmatched());
}

TEST_F(ConditionTest, OneThatIsStoppedMeanwhileNeverStarts) {
  const AttemptId id = Start();
  effects_.Take();
  Stop();
  EXPECT_THAT(effects_.Take(), ElementsAre("stop asking", "ended"));
  table_.OnConditionAnswered(id, {.holds = true, .failure = ""}, Now());
  EXPECT_THAT(effects_.Take(), IsEmpty());
}

// Otherwise what hangs on a file system would hold up a job, and the next
// version of the runner, for ever.
TEST_F(ConditionTest, OneThatIsNeverAnsweredDoesNotStart) {
  const AttemptId id = Start();
  Pass(absl::Minutes(1));
  EXPECT_THAT(effects_.Take(), ElementsAre("ask"));
  Pass(absl::Minutes(1));
  EXPECT_THAT(effects_.Take(),
              ElementsAre("stop asking", "publish NOT_STARTED"));
  EXPECT_THAT(table_.Find(id)->status.outcome().reason(),
              HasSubstr("has no answer"));
  EXPECT_EQ(table_.NextDeadline(), std::nullopt);
}

TEST_F(AttemptTableTest, AQuerySaysByItsStatusWhetherItHadRows) {
  spec_.mutable_query();
  const AttemptId id = StartAndRun();
  const tutti::v1::AttemptStatus& status = StatusAfter(id, Exit(100));
  EXPECT_EQ(status.state(), tutti::v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(status.outcome().exit_status(), 0);
  EXPECT_TRUE(status.outcome().yielded());
}

TEST_F(AttemptTableTest, OtherProgramsMayEndAsAQueryDoes) {
  const AttemptId id = StartAndRun();
  const tutti::v1::AttemptStatus& status = StatusAfter(id, Exit(100));
  EXPECT_EQ(status.state(), tutti::v1::TASK_STATE_FAILED);
  EXPECT_EQ(status.outcome().exit_status(), 100);
}

}  // namespace
}  // namespace tutti::runner
