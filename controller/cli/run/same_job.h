// Whether the job that --id found is the one that the line asks for.
#ifndef CONTROLLER_CLI_RUN_SAME_JOB_H_
#define CONTROLLER_CLI_RUN_SAME_JOB_H_

#include "absl/status/status.h"
#include "controller/cli/run/options.h"
#include "controller/cli/run/targets.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// FAILED_PRECONDITION when `existing` has other targets, another name, or does
// something else (see WorkDigest).
absl::Status CheckSameJob(const RunOptions& options, const RunPlan& plan,
                          const WantedTargets& wanted, const v1::Job& existing);

// The same of what each target has for itself.
absl::Status CheckSameParameters(const RunPlan& plan,
                                 const v1::GetJobResponse& existing);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_SAME_JOB_H_
