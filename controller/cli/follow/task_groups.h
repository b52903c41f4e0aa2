// Tasks of a job told together.
#ifndef CONTROLLER_CLI_FOLLOW_TASK_GROUPS_H_
#define CONTROLLER_CLI_FOLLOW_TASK_GROUPS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// Targets whose tasks are in the same state for the same reason.
struct TaskGroup {
  v1::TaskState state;
  std::string reason;
  std::vector<std::string> targets;
};

// A task that is to be grouped; borrowed.
struct NamedTask {
  const std::string* target;
  const v1::TaskStatus* status;
};

// In the order of the states' numbers, then the largest first, then by reason.
std::vector<TaskGroup> GroupTasks(const std::vector<NamedTask>& tasks,
                                  absl::Time now);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_TASK_GROUPS_H_
