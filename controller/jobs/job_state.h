// The state of a job, out of those of its tasks.
#ifndef CONTROLLER_JOBS_JOB_STATE_H_
#define CONTROLLER_JOBS_JOB_STATE_H_

#include <array>
#include <cstdint>

#include "tutti/v1/jobs.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti::controller {

// How many tasks of a job are in each state. A value.
class StateCounts {
 public:
  explicit StateCounts(uint32_t pending) {
    counts_[v1::TASK_STATE_PENDING] = pending;
  }

  uint32_t operator[](v1::TaskState state) const { return counts_[state]; }
  void Move(v1::TaskState from, v1::TaskState to) {
    --counts_[from];
    ++counts_[to];
  }
  // Of those that are SKIPPED, how many because they did not match the job's
  // condition.
  uint32_t unmatched() const { return unmatched_; }
  void AddUnmatched() { ++unmatched_; }
  void RemoveUnmatched() { --unmatched_; }
  uint32_t unfinished() const;
  v1::TaskCounts ToProto() const;

 private:
  std::array<uint32_t, v1::TaskState_ARRAYSIZE> counts_ = {};
  uint32_t unmatched_ = 0;
};

// A job runs while one of its tasks does; waits for what the others wait for
// otherwise. Once all are final: STOPPED when one was stopped, or skipped
// without anything having failed; FAILED when one did not complete; COMPLETED.
// Those that did not match the job's condition do not count.
v1::JobState JobStateOf(const StateCounts& counts);

}  // namespace tutti::controller

#endif  // CONTROLLER_JOBS_JOB_STATE_H_
