// What `run` and `script` have in common: everything behind their options.
#ifndef CONTROLLER_CLI_RUN_RUN_PLAN_H_
#define CONTROLLER_CLI_RUN_RUN_PLAN_H_

#include "absl/status/statusor.h"
#include "controller/cli/command.h"
#include "controller/cli/run/options.h"

namespace tutti::cli {

// Starts the job and follows it, or shows it with -n; gives the exit status.
// An error, that of `plan` as well, has the status that -S wants.
absl::StatusOr<int> RunPlanned(const RunOptions& options,
                               const absl::StatusOr<RunPlan>& plan,
                               Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_RUN_PLAN_H_
