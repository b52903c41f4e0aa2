// The exit status of a job, from what became of its tasks. docs/cli.md has
// the table.
#ifndef CONTROLLER_CLI_FOLLOW_OUTCOME_H_
#define CONTROLLER_CLI_FOLLOW_OUTCOME_H_

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

struct OutcomeOptions {
  // --min-success, in percent of the targets that count.
  std::optional<double> min_success;
  // -S
  bool largest_status = false;
  // --offline ok: targets that EXPIRED do not count.
  bool offline_ok = false;
  // Ctrl-C stopped the job.
  bool interrupted = false;
  // The CLI left before the end: --wait, a lost controller, detached.
  bool left = false;
};

// Status by the first line of the table that applies. Tasks that are not
// final (lost ones, or all that were open when the CLI left) are those that
// go on without us.
int JobExitStatus(const std::vector<v1::TaskStatus>& tasks,
                  const OutcomeOptions& options);

// The one of two jobs' statuses that counts for both.
int WorseStatus(int a, int b);

// `exit_status` of an error before the start, with --largest-status.
int WithLargestStatus(int exit_status, bool largest_status);

// "95%", "95" or "99.5%". INVALID_ARGUMENT unless it is 0 to 100.
absl::StatusOr<double> ParseMinSuccess(std::string_view text);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_OUTCOME_H_
