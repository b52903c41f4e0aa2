// Delegating to a job: the key that it gets, and what that may do.
#ifndef CONTROLLER_CLI_RUN_DELEGATE_H_
#define CONTROLLER_CLI_RUN_DELEGATE_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/cli/connection.h"
#include "controller/cli/run/job_spec.h"
#include "controller/cli/run/options.h"

namespace tutti::cli {

// What the targets of --delegate are now. Who is a delegate may not.
absl::Status ResolveDelegate(const RunPlan& plan, Connection& connection,
                             ResolvedRun& run);

// The plan with the pass among its secrets: makes a key in memory, signs the
// delegation, and has the controller certify the key. `plan` without
// --delegate stays what it is.
absl::StatusOr<RunPlan> Delegate(const RunPlan& plan, const ResolvedRun& run,
                                 Connection& connection, absl::Time now);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_DELEGATE_H_
