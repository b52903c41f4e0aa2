// The agent's rules about sending output, one by one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/unit/relay/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(CoreTest, SmallOutputRidesInTheFinalReport) {
  Connect();
  Assign();
  Write(32'000);
  State(v1::TASK_STATE_COMPLETED);
  const v1::AttemptReport report = OnlyReport();
  EXPECT_EQ(report.status().state(), v1::TASK_STATE_COMPLETED);
  ASSERT_GT(report.output_size(), 0);
  EXPECT_EQ(report.output(report.output_size() - 1).next_position(),
            report.end_position());
  EXPECT_FALSE(controller_.bulk_open);
}

TEST_F(CoreTest, LiveOutputRidesUntilTheWindowIsFull) {
  Connect();
  for (int i = 0; i < 5; ++i) {
    const v1::AttemptKey key = Key("t" + std::to_string(i));
    Assign(key);
    Write(15'000, key);
    State(v1::TASK_STATE_RUNNING, key);
  }
  int with_output = 0;
  for (const auto& message : controller_.session) {
    with_output += message.report().attempts(0).output_size() > 0 ? 1 : 0;
  }
  EXPECT_EQ(with_output, 4);
  EXPECT_FALSE(controller_.bulk_open);
}

TEST_F(CoreTest, ALargeBacklogTurnsToBulkWithinItsCredit) {
  Connect();
  Assign();
  Write(3 << 20);
  State(v1::TASK_STATE_RUNNING);
  EXPECT_TRUE(controller_.bulk_open);
  EXPECT_GE(BulkEnd(), 1u << 20);
  // The last record may go beyond the credit.
  EXPECT_LE(BulkEnd(), (1u << 20) + 8192);
  EXPECT_EQ(OnlyReport().output_size(), 0);

  Direct(v1::DESIRED_STATE_RUN, BulkEnd(), 2 << 20);
  EXPECT_GE(BulkEnd(), 2u << 20);
}

TEST_F(CoreTest, TheFinalReportWaitsUntilBulkIsAcknowledged) {
  Connect();
  Assign();
  Write(100'000);
  State(v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(OnlyReport().status().state(), v1::TASK_STATE_RUNNING);
  EXPECT_EQ(BulkEnd(), spool_.End(Key()));
  Direct(v1::DESIRED_STATE_RUN, spool_.End(Key()));
  EXPECT_EQ(OnlyReport().status().state(), v1::TASK_STATE_COMPLETED);
}

TEST_F(CoreTest, AnAttemptDoesNotTurnToBulkWhileReportsAreInFlight) {
  Connect();
  Assign();
  Write(10'000);
  State(v1::TASK_STATE_RUNNING);
  const uint64_t sent = spool_.End(Key());
  Write(100'000);
  State(v1::TASK_STATE_RUNNING);
  EXPECT_FALSE(controller_.bulk_open);
  Direct(v1::DESIRED_STATE_RUN, sent);
  EXPECT_TRUE(controller_.bulk_open);
  EXPECT_EQ(controller_.bulk.front().output(0).position(), sent);
}

TEST_F(CoreTest, BulkThatBrokeWithOutputInFlightWantsAnotherWelcome) {
  Connect();
  Assign();
  Write(100'000);
  State(v1::TASK_STATE_RUNNING);
  core_.OnBulkClosed(/*anything_sent=*/true);
  EXPECT_FALSE(controller_.restart.ok());
}

TEST_F(CoreTest, BulkThatNeverOpenedIsTriedAgainLater) {
  Connect();
  Assign();
  Write(100'000);
  State(v1::TASK_STATE_RUNNING);
  controller_.bulk_open = false;
  controller_.bulk.clear();
  core_.OnBulkClosed(/*anything_sent=*/false);
  core_.Flush();
  EXPECT_TRUE(controller_.restart.ok());
  EXPECT_FALSE(controller_.bulk_open);
  clock_.Advance(core_.NextDeadline() - clock_.Now());
  core_.OnTime();
  core_.Flush();
  EXPECT_TRUE(controller_.bulk_open);
  EXPECT_EQ(BulkEnd(), spool_.End(Key()));
}

TEST_F(CoreTest, IdleBulkIsClosed) {
  Connect();
  Assign();
  Write(100'000);
  State(v1::TASK_STATE_RUNNING);
  clock_.Advance(absl::Seconds(10));
  core_.OnTime();
  EXPECT_TRUE(controller_.bulk_open) << "with output in flight";
  Direct(v1::DESIRED_STATE_RUN, spool_.End(Key()));
  clock_.Advance(absl::Seconds(10));
  core_.OnTime();
  EXPECT_FALSE(controller_.bulk_open);
  EXPECT_EQ(core_.NextDeadline(), absl::InfiniteFuture());
}

TEST_F(CoreTest, UnreadableOutputIsReportedAsTrimmedSoThatTheTaskEnds) {
  Connect();
  Assign();
  Write(100'000);
  spool_.damage = absl::DataLossError("damaged");
  State(v1::TASK_STATE_COMPLETED);
  const v1::AttemptReport report =
      controller_.session.back().report().attempts(0);
  EXPECT_EQ(report.status().state(), v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(report.start_position(), report.end_position());
}

// The runner drops the oldest output of a full spool at any moment. No more
// may get lost by that than was dropped.
TEST_F(CoreTest, OutputThatWasDroppedMeanwhileIsSkippedAndNoMore) {
  Connect();
  Assign();
  Write(8192);
  spool_.Trim(Key(), kLogHeaderBytes + 1);
  const uint64_t second = kLogHeaderBytes + kRecordHeaderBytes + 4096;
  State(v1::TASK_STATE_RUNNING);
  const v1::AttemptReport report = OnlyReport();
  EXPECT_EQ(report.start_position(), second);
  ASSERT_EQ(report.output_size(), 1);
  EXPECT_EQ(report.output(0).position(), second);
  EXPECT_EQ(report.output(0).next_position(), spool_.End(Key()));
}

TEST_F(CoreTest, BulkSkipsWhatWasDroppedWhateverTheCredit) {
  Connect();
  Assign();
  Write(4 << 20);
  const uint64_t credit = 1 << 20;
  Direct(v1::DESIRED_STATE_RUN, 0, credit);
  State(v1::TASK_STATE_RUNNING);
  const uint64_t sent = BulkEnd();
  EXPECT_GE(sent, credit);
  controller_.bulk.clear();
  const uint64_t start = kLogHeaderBytes + 700 * (kRecordHeaderBytes + 4096);
  spool_.Trim(Key(), start);
  // Nothing goes beyond the credit while something is on its way.
  State(v1::TASK_STATE_RUNNING, Key(), start);
  EXPECT_THAT(controller_.bulk, IsEmpty());
  Direct(v1::DESIRED_STATE_RUN, sent, sent);
  ASSERT_FALSE(controller_.bulk.empty());
  const v1::SendOutputRequest& first = controller_.bulk.front();
  EXPECT_EQ(first.start_position(), start);
  EXPECT_EQ(first.output(0).position(), start);
}

// If this fails, a slow reader of a job that keeps nothing holds nobody up.
TEST_F(CoreTest, WhatWasTrimmedBecauseItCameGrantsNothing) {
  Connect();
  Assign();
  Write(4 << 20);
  Direct(v1::DESIRED_STATE_RUN, 0, 1 << 20);
  State(v1::TASK_STATE_RUNNING);
  const uint64_t sent = BulkEnd();
  controller_.bulk.clear();
  spool_.Trim(Key(), sent);
  Direct(v1::DESIRED_STATE_RUN, sent, sent);
  State(v1::TASK_STATE_RUNNING, Key(), sent);
  EXPECT_THAT(controller_.bulk, IsEmpty());
  Direct(v1::DESIRED_STATE_RUN, sent, sent + 1);
  EXPECT_FALSE(controller_.bulk.empty());
}

TEST_F(CoreTest, AFetchIsAnsweredOverBulkAndEnded) {
  Connect();
  Write(1000, Key("old"));
  AskFor(Key("old"), 7);
  core_.Flush();
  ASSERT_THAT(controller_.bulk, SizeIs(2));
  EXPECT_EQ(controller_.bulk[0].fetch_id(), 7u);
  EXPECT_EQ(controller_.bulk[0].output_size(), 1);
  EXPECT_TRUE(controller_.bulk[1].fetch_done());
  EXPECT_EQ(controller_.bulk[1].output_size(), 0);
}

TEST_F(CoreTest, ACancelledFetchIsNotAnswered) {
  Connect();
  Write(1000, Key("old"));
  AskFor(Key("old"), 7);
  v1::SessionResponse cancellation;
  cancellation.mutable_directives()->add_cancelled_fetches(7);
  core_.OnSessionMessage(std::move(cancellation));
  core_.Flush();
  EXPECT_THAT(controller_.bulk, IsEmpty());
}

TEST_F(CoreTest, AFetchOfNothingFailsWithItsReason) {
  Connect();
  AskFor(Key("old"), 7);
  core_.Flush();
  ASSERT_THAT(controller_.session, SizeIs(1));
  const v1::AgentReport& report = controller_.session.front().report();
  ASSERT_EQ(report.fetch_failures_size(), 1);
  EXPECT_EQ(report.fetch_failures(0).fetch_id(), 7u);
  EXPECT_THAT(report.fetch_failures(0).reason(), HasSubstr("no spool file"));
}

}  // namespace
}  // namespace tutti::testing
