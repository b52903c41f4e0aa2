// Which jobs, and which of their tasks, a verb is about.
#ifndef CONTROLLER_CLI_JOB_SELECTION_H_
#define CONTROLLER_CLI_JOB_SELECTION_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/cli/command.h"
#include "controller/cli/connection.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// As they stand on the command line.
struct JobSelection {
  std::string job;
  bool all_matching = false;
  // -t; none: all of a job's targets.
  std::vector<std::string> targets;
};

// JOB, which may be a name with wildcards and is required, and --all-matching.
// Gives JOB.
CLI::Option* AddJobSelection(CLI::App& verb, JobSelection& selection);
// -t, for verbs that may be about some of the tasks.
void AddTaskSelection(CLI::App& verb, JobSelection& selection);

// Of the jobs of a name. kUnfinished: those that have ended are left out.
enum class JobsMeant { kAll, kUnfinished };

// Calls `act` for each job that is meant, at least one, and shows the line that
// it gives. INVALID_ARGUMENT when no name fits the wildcards, or several jobs
// do without --all-matching. What is refused for one of several is said, and
// the others are done; the exit status is then that of the first refusal.
absl::StatusOr<int> ForEachJob(const JobSelection& selection, JobsMeant meant,
                               Context& context,
                               const std::function<absl::StatusOr<std::string>(
                                   const v1::JobSelector&, Connection&)>& act);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_JOB_SELECTION_H_
