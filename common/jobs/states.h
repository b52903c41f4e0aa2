// States of tasks and jobs as plain values.
#ifndef COMMON_JOBS_STATES_H_
#define COMMON_JOBS_STATES_H_

#include <string>

#include "tutti/v1/jobs.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti {

// The final states are numbered from COMPLETED on.
constexpr bool IsFinal(v1::TaskState state) {
  return state >= v1::TASK_STATE_COMPLETED;
}
constexpr bool IsFinal(v1::JobState state) {
  return state >= v1::JOB_STATE_COMPLETED;
}

// Without prefix: "RUNNING". Empty for a state that this version does not know.
std::string StateName(v1::TaskState state);
std::string StateName(v1::JobState state);

}  // namespace tutti

#endif  // COMMON_JOBS_STATES_H_
