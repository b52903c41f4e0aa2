#include "controller/cli/follow/task_groups.h"

#include <algorithm>
#include <map>
#include <utility>

#include "controller/cli/follow/wording.h"

namespace tutti::cli {

std::vector<TaskGroup> GroupTasks(const std::vector<NamedTask>& tasks,
                                  absl::Time now) {
  using StateAndReason = std::pair<v1::TaskState, std::string>;
  std::map<StateAndReason, std::vector<std::string>> found;
  for (const NamedTask& task : tasks) {
    found[{task.status->attempt().state(), ReasonNow(*task.status, now)}]
        .push_back(*task.target);
  }
  std::vector<TaskGroup> groups;
  groups.reserve(found.size());
  for (auto& [key, targets] : found) {
    groups.push_back({key.first, key.second, std::move(targets)});
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const TaskGroup& a, const TaskGroup& b) {
                     if (a.state != b.state) return a.state < b.state;
                     return a.targets.size() > b.targets.size();
                   });
  return groups;
}

}  // namespace tutti::cli
