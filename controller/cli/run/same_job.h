// Whether the job that --id found is the one that the line asks for.
#ifndef CONTROLLER_CLI_RUN_SAME_JOB_H_
#define CONTROLLER_CLI_RUN_SAME_JOB_H_

#include "absl/status/status.h"
#include "controller/cli/run/options.h"
#include "controller/cli/run/targets.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// FAILED_PRECONDITION when `existing` has other targets, another program or
// arguments, another user or another name. Environment, folder, group and time
// limit are not compared: a controller does not tell them.
absl::Status CheckSameJob(const RunOptions& options, const RunPlan& plan,
                          const WantedTargets& wanted, const v1::Job& existing);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_SAME_JOB_H_
