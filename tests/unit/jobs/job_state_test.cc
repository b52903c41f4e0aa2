#include "controller/jobs/job_state.h"

#include <gmock/gmock.h>

#include <initializer_list>

#include "common/jobs/states.h"

namespace tutti::controller {
namespace {

v1::JobState StateWith(std::initializer_list<v1::TaskState> states) {
  StateCounts counts(static_cast<uint32_t>(states.size()));
  for (v1::TaskState state : states) {
    counts.Move(v1::TASK_STATE_PENDING, state);
  }
  return JobStateOf(counts);
}

TEST(JobStateTest, RunsWhileATaskDoes) {
  EXPECT_EQ(StateWith({v1::TASK_STATE_PENDING}), v1::JOB_STATE_PENDING);
  EXPECT_EQ(StateWith({v1::TASK_STATE_ASSIGNED, v1::TASK_STATE_FAILED}),
            v1::JOB_STATE_RUNNING);
  EXPECT_EQ(StateWith({v1::TASK_STATE_RUNNING, v1::TASK_STATE_DISCONNECTED}),
            v1::JOB_STATE_RUNNING);
}

TEST(JobStateTest, WaitsForWhatItsTasksWaitFor) {
  EXPECT_EQ(StateWith({v1::TASK_STATE_BLOCKED, v1::TASK_STATE_SUSPENDED}),
            v1::JOB_STATE_BLOCKED);
  EXPECT_EQ(StateWith({v1::TASK_STATE_SUSPENDED, v1::TASK_STATE_PENDING}),
            v1::JOB_STATE_SUSPENDED);
  EXPECT_EQ(StateWith({v1::TASK_STATE_DISCONNECTED, v1::TASK_STATE_COMPLETED}),
            v1::JOB_STATE_DISCONNECTED);
}

TEST(JobStateTest, EveryFailureMakesItFailed) {
  for (v1::TaskState state :
       {v1::TASK_STATE_FAILED, v1::TASK_STATE_TIMED_OUT, v1::TASK_STATE_REFUSED,
        v1::TASK_STATE_NOT_STARTED, v1::TASK_STATE_EXPIRED,
        v1::TASK_STATE_UNKNOWN}) {
    EXPECT_EQ(StateWith({v1::TASK_STATE_COMPLETED, state}),
              v1::JOB_STATE_FAILED)
        << StateName(state);
  }
}

TEST(JobStateTest, StoppedWinsAndSkippedAloneIsStopped) {
  EXPECT_EQ(StateWith({v1::TASK_STATE_STOPPED, v1::TASK_STATE_FAILED}),
            v1::JOB_STATE_STOPPED);
  EXPECT_EQ(StateWith({v1::TASK_STATE_SKIPPED, v1::TASK_STATE_COMPLETED}),
            v1::JOB_STATE_STOPPED);
  EXPECT_EQ(StateWith({v1::TASK_STATE_COMPLETED}), v1::JOB_STATE_COMPLETED);
}

// It is a success that the condition of a job left some out.
TEST(JobStateTest, ThoseThatDoNotMatchDoNotCount) {
  StateCounts counts(2);
  counts.Move(v1::TASK_STATE_PENDING, v1::TASK_STATE_SKIPPED);
  counts.AddUnmatched();
  counts.Move(v1::TASK_STATE_PENDING, v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(JobStateOf(counts), v1::JOB_STATE_COMPLETED);
  counts.Move(v1::TASK_STATE_COMPLETED, v1::TASK_STATE_SKIPPED);
  EXPECT_EQ(JobStateOf(counts), v1::JOB_STATE_STOPPED);
}

}  // namespace
}  // namespace tutti::controller
