// What `run` and `script` have in common: everything behind their options.
#ifndef CONTROLLER_CLI_RUN_RUN_PLAN_H_
#define CONTROLLER_CLI_RUN_RUN_PLAN_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "controller/cli/command.h"
#include "controller/cli/connection.h"
#include "controller/cli/follow/follow.h"
#include "controller/cli/run/job_spec.h"
#include "controller/cli/run/options.h"
#include "controller/cli/run/targets.h"

namespace tutti::cli {

// The wanted targets as they are now, for a job of a new UUID (or that of
// `plan`), as the options allow; nobody, where they may be.
absl::StatusOr<ResolvedRun> ResolveRun(const RunOptions& options,
                                       const RunPlan& plan,
                                       WantedTargets wanted,
                                       Connection& connection,
                                       const Context& context);

// That nobody is meant.
void SayNobody(const ResolvedRun& run, const Context& context);

// Asks where many targets came from a wildcard. CANCELLED: nothing is wanted.
absl::Status Confirm(const RunOptions& options, const ResolvedRun& run,
                     const Context& context);

// What -n shows.
absl::StatusOr<int> ShowCard(const RunOptions& options, const RunPlan& plan,
                             const ResolvedRun& run, const Context& context);
// The line that says what is about to start.
void SayCardLine(const RunOptions& options, const RunPlan& plan,
                 const ResolvedRun& run, const Context& context);

// How to follow the job `number`. `existed`: it was there before.
FollowRequest MakeFollowRequest(const RunOptions& options, const RunPlan& plan,
                                uint64_t number, bool existed);

// Starts the job on the wanted targets, or a retry of one, and follows it, or
// shows it with -n; gives the exit status.
absl::StatusOr<int> StartPlanned(const RunOptions& options, const RunPlan& plan,
                                 WantedTargets wanted, Connection& connection,
                                 Context& context);

// An error with the status that -S wants.
absl::StatusOr<int> WithStatusFor(const RunOptions& options,
                                  absl::StatusOr<int> status);

// The same, or follows a job that is there under --id. An error, that of `plan`
// as well, has the status that -S wants.
absl::StatusOr<int> RunPlanned(const RunOptions& options,
                               const absl::StatusOr<RunPlan>& plan,
                               Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_RUN_PLAN_H_
