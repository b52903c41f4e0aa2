// Jobs and tasks in words and in JSON.
#ifndef CONTROLLER_CLI_JOB_DESCRIPTION_H_
#define CONTROLLER_CLI_JOB_DESCRIPTION_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "controller/cli/output.h"
#include "controller/cli/terminal.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

Style StyleOf(v1::JobState state);
Style StyleOf(v1::TaskState state);

// "37 completed, 3 failed"; in the order of the states' numbers.
std::string CountsText(const v1::TaskCounts& counts);
// {"COMPLETED": 37, "FAILED": 3}
Json CountsToJson(const v1::TaskCounts& counts);

// How long it ran, or runs by now; empty when it did not start.
std::string TookText(absl::Time started, absl::Time ended, absl::Time now);

// "01890a5d-ac96-774b-bcce-b302099a8057"
std::string UuidText(const v1::Job& job);

// Everything about a job but its tasks.
Json JobToJson(const v1::Job& job);
Json TaskToJson(const std::string& target, const v1::TaskStatus& task);

// Why a task is as it is: Reason, and for a task that is not final why it is
// not: "offline, last seen 3 d ago", "link lost 12 s ago".
std::string ReasonNow(const v1::TaskStatus& task, absl::Time now);

// Targets in the same state for the same reason.
struct TaskGroup {
  v1::TaskState state;
  std::string reason;
  std::vector<std::string> targets;
};
// By state, then the largest first. `targets` and `tasks` go together.
std::vector<TaskGroup> GroupTasks(const std::vector<std::string>& targets,
                                  const std::vector<v1::TaskStatus>& tasks,
                                  absl::Time now);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_JOB_DESCRIPTION_H_
