#include "controller/jobs/job_state.h"

namespace tutti::controller {

uint32_t StateCounts::unfinished() const {
  uint32_t unfinished = 0;
  for (int state = 0; state < v1::TASK_STATE_COMPLETED; ++state) {
    unfinished += counts_[state];
  }
  return unfinished;
}

v1::TaskCounts StateCounts::ToProto() const {
  v1::TaskCounts proto;
  for (int state = 0; state < v1::TaskState_ARRAYSIZE; ++state) {
    if (counts_[state] == 0) continue;
    v1::TaskCounts::Entry& entry = *proto.add_entries();
    entry.set_state(static_cast<v1::TaskState>(state));
    entry.set_count(counts_[state]);
  }
  return proto;
}

v1::JobState JobStateOf(const StateCounts& counts) {
  if (counts[v1::TASK_STATE_RUNNING] + counts[v1::TASK_STATE_ASSIGNED] > 0) {
    return v1::JOB_STATE_RUNNING;
  }
  if (counts[v1::TASK_STATE_BLOCKED] > 0) return v1::JOB_STATE_BLOCKED;
  if (counts[v1::TASK_STATE_SUSPENDED] > 0) return v1::JOB_STATE_SUSPENDED;
  if (counts[v1::TASK_STATE_DISCONNECTED] > 0) {
    return v1::JOB_STATE_DISCONNECTED;
  }
  if (counts[v1::TASK_STATE_PENDING] > 0) return v1::JOB_STATE_PENDING;
  if (counts[v1::TASK_STATE_STOPPED] > 0) return v1::JOB_STATE_STOPPED;
  for (v1::TaskState failed :
       {v1::TASK_STATE_FAILED, v1::TASK_STATE_TIMED_OUT, v1::TASK_STATE_REFUSED,
        v1::TASK_STATE_NOT_STARTED, v1::TASK_STATE_EXPIRED,
        v1::TASK_STATE_UNKNOWN}) {
    if (counts[failed] > 0) return v1::JOB_STATE_FAILED;
  }
  return counts[v1::TASK_STATE_SKIPPED] > counts.unmatched()
             ? v1::JOB_STATE_STOPPED
             : v1::JOB_STATE_COMPLETED;
}

}  // namespace tutti::controller
