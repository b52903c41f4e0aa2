// What is said before a job starts.
#ifndef CONTROLLER_CLI_RUN_CARD_H_
#define CONTROLLER_CLI_RUN_CARD_H_

#include <string>

#include "absl/time/time.h"
#include "controller/cli/output.h"
#include "controller/cli/run/job_spec.h"
#include "controller/cli/run/options.h"

namespace tutti::cli {

// "demo · 40 targets (2 offline: db3, last seen 3 d ago; db4, never seen) ·
// default user · all at once · uptime -p". Without a newline.
std::string CardLine(const RunPlan& plan, const ResolvedRun& run,
                     absl::Time now);

// Everything, one thing a line; for -n.
std::string FullCard(const RunOptions& options, const RunPlan& plan,
                     const ResolvedRun& run, absl::Time now, bool color);
// The same for programs.
Json CardJson(const RunOptions& options, const RunPlan& plan,
              const ResolvedRun& run, absl::Time now);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_CARD_H_
