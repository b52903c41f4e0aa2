// What is said about a job when it is over, or when the CLI leaves it.
#ifndef CONTROLLER_CLI_FOLLOW_SUMMARY_H_
#define CONTROLLER_CLI_FOLLOW_SUMMARY_H_

#include <string>

#include "absl/time/time.h"
#include "controller/cli/follow/followed_job.h"

namespace tutti::cli {

struct SummaryOptions {
  // How the next steps name the job: "last", or its number.
  std::string job_name;
  // Say it also when all went well (on a terminal).
  bool always = false;
  bool color = false;
  // How long the job took; only shown when all went well.
  absl::Duration elapsed;
};

// Names, folded, every selected task that did not complete, by state and
// reason, and the next step:
//   3 failed (exit 1): web[04,09,17]
//   1 not started (no such program: frob): db3 · tutti job show last
// Empty when all completed, unless `always`. Ends with a newline.
std::string SummaryText(const FollowedJob& job, const SummaryOptions& options,
                        absl::Time now);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_SUMMARY_H_
