// States as they are given to options.
#ifndef CONTROLLER_CLI_STATE_NAMES_H_
#define CONTROLLER_CLI_STATE_NAMES_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "tutti/v1/jobs.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti::cli {

// "failed", "FAILED", "timed-out", "timed_out" of a v1::JobState or
// v1::TaskState. INVALID_ARGUMENT begins with `option` and names all of them.
template <typename State>
absl::StatusOr<State> ParseState(std::string_view option, std::string text);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_STATE_NAMES_H_
