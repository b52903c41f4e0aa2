#include "controller/jobs/task.h"

#include <gmock/gmock.h>

namespace tutti::controller {
namespace {

// A name (32 bytes) and two hashes of the tree (64) come on top. Ten thousand
// targets with the same 10 KB result may cost 5 MB.
TEST(TaskTest, FitsTheMemoryThatMillionsMayTake) {
  constexpr size_t kHeapOverhead = 16;
  EXPECT_LE(sizeof(Task) + sizeof(StoredChunk) + kHeapOverhead + 32 + 64, 450u);
}

TEST(AttemptRecordTest, GivesBackWhatItTook) {
  v1::AttemptStatus status;
  status.set_state(v1::TASK_STATE_NOT_STARTED);
  status.mutable_started_at()->set_seconds(1'767'225'600);
  status.mutable_started_at()->set_nanos(123);
  status.mutable_ended_at()->set_seconds(1'767'225'601);
  v1::Outcome& outcome = *status.mutable_outcome();
  outcome.set_start_errno(2);
  outcome.set_reason("no such program: frobnicate");
  outcome.set_yielded(true);
  outcome.mutable_usage()->mutable_user_time()->set_nanos(5);
  AttemptRecord record;
  record.Update(status);
  v1::AttemptStatus filled;
  record.Fill(status.state(), filled);
  EXPECT_EQ(filled.SerializeAsString(), status.SerializeAsString());
}

TEST(AttemptRecordTest, HasNoOutcomeBeforeTheEnd) {
  AttemptRecord record;
  v1::AttemptStatus filled;
  record.Fill(v1::TASK_STATE_RUNNING, filled);
  EXPECT_FALSE(filled.has_outcome());
  EXPECT_FALSE(filled.has_started_at());
}

}  // namespace
}  // namespace tutti::controller
