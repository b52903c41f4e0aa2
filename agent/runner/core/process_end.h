// From how a process ended to what becomes of its attempt.
#ifndef AGENT_RUNNER_CORE_PROCESS_END_H_
#define AGENT_RUNNER_CORE_PROCESS_END_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "tutti/v1/task.pb.h"

namespace tutti::runner {

// Why the runner itself ended a process.
enum class EndCause { kNone, kStopped, kTimedOut, kShutDown };

// All that is known about the end of an attempt's process.
struct ProcessEnd {
  // It could not be started: errno value and line.
  int start_error = 0;
  // As of wait(2).
  int wait_status = 0;
  // Its exit status is lost; the remark says why.
  bool lost = false;
  // Something to be said besides; empty for an ordinary end.
  std::string remark;
  uint32_t killed_leftovers = 0;
  // Outcome.yielded.
  bool yielded = false;
  tutti::v1::ResourceUsage usage;
};

// What came of asking JobSpec.condition.
struct ConditionAnswer {
  bool holds = false;
  // It could not be asked, and why; empty otherwise.
  std::string failure;
};

// A reason names programs, folders and users, as long as whoever signed the
// job made them, while a state must fit into a packet.
inline constexpr size_t kMaxReasonBytes = 4096;
// As UTF-8, and clipped.
void SetReason(std::string_view reason, tutti::v1::AttemptStatus& status);

// What the exit status of a program says that tells by it whether it yielded
// something (see common/jobs/query_exit.h).
void TakeYield(ProcessEnd& end);

// Sets state and outcome. `limit` is the attempt's time limit.
void SetFinalStatus(const ProcessEnd& end, EndCause cause, absl::Duration limit,
                    tutti::v1::AttemptStatus& status);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_CORE_PROCESS_END_H_
