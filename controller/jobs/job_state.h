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
  uint32_t unfinished() const;
  v1::TaskCounts ToProto() const;

 private:
  std::array<uint32_t, v1::TaskState_ARRAYSIZE> counts_ = {};
};

// A job runs while one of its tasks does; waits for what the others wait for
// otherwise. Once all are final: STOPPED when one was stopped, or skipped
// without anything having failed; FAILED when one did not complete; COMPLETED.
v1::JobState JobStateOf(const StateCounts& counts);

}  // namespace tutti::controller

#endif  // CONTROLLER_JOBS_JOB_STATE_H_
