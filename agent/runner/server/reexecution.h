// Running the program anew in this process's place: children, and descriptors
// that are not closed, survive exec.
#ifndef AGENT_RUNNER_SERVER_REEXECUTION_H_
#define AGENT_RUNNER_SERVER_REEXECUTION_H_

#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tutti/runner/v1/held_task.pb.h"

namespace tutti::runner {

// Leaves `handover` and the descriptors that it names to the program that
// `execute` runs. Returns only when that fails, and then all is as it was. No
// other thread may start processes meanwhile.
absl::Status HandOver(const v1::Handover& handover,
                      const std::function<absl::Status()>& execute);

// What was left to this program; empty when nothing was. To be called once,
// before any thread is started; the descriptors are the caller's.
absl::StatusOr<std::optional<v1::Handover>> TakeHandover();

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_SERVER_REEXECUTION_H_
