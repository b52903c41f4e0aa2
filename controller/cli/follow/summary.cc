#include "controller/cli/follow/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "common/base/duration.h"
#include "common/jobs/states.h"
#include "common/targets/node_set.h"
#include "controller/cli/follow/outcome.h"
#include "controller/cli/follow/task_groups.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {
namespace {

// More reasons than this for one state are shown as one group without reason.
constexpr size_t kMaxReasons = 8;

// In the order of the summary: what ended badly, then what goes on.
constexpr v1::TaskState kOrder[] = {
    v1::TASK_STATE_UNKNOWN,      v1::TASK_STATE_REFUSED,
    v1::TASK_STATE_NOT_STARTED,  v1::TASK_STATE_EXPIRED,
    v1::TASK_STATE_TIMED_OUT,    v1::TASK_STATE_STOPPED,
    v1::TASK_STATE_SKIPPED,      v1::TASK_STATE_FAILED,
    v1::TASK_STATE_DISCONNECTED, v1::TASK_STATE_RUNNING,
    v1::TASK_STATE_SUSPENDED,    v1::TASK_STATE_BLOCKED,
    v1::TASK_STATE_ASSIGNED,     v1::TASK_STATE_PENDING,
};

// Of the selected tasks that did not complete, by state.
std::map<v1::TaskState, std::vector<TaskGroup>> Groups(const FollowedJob& job,
                                                       absl::Time now) {
  std::vector<NamedTask> tasks;
  for (const FollowedTask& task : job.tasks()) {
    const v1::TaskState state = task.status.attempt().state();
    if (!task.selected || state == v1::TASK_STATE_COMPLETED) continue;
    tasks.push_back({&task.name, &task.status});
  }
  std::map<v1::TaskState, std::vector<TaskGroup>> groups;
  for (TaskGroup& group : GroupTasks(tasks, now)) {
    groups[group.state].push_back(std::move(group));
  }
  return groups;
}

// All of `groups`, which are many, as one.
TaskGroup Merged(const std::vector<TaskGroup>& groups) {
  TaskGroup merged = {groups[0].state, "for various reasons", {}};
  for (const TaskGroup& group : groups) {
    merged.targets.insert(merged.targets.end(), group.targets.begin(),
                          group.targets.end());
  }
  return merged;
}

Style StyleOf(v1::TaskState state) {
  if (!IsFinal(state) || state == v1::TASK_STATE_SKIPPED) return Style::kYellow;
  return Style::kRed;
}

std::string GroupText(const TaskGroup& group, bool color) {
  const std::string text = fmt::format(
      "{} {}{}: {}", group.targets.size(), StateWords(group.state),
      group.reason.empty() ? "" : fmt::format(" ({})", group.reason),
      FoldNames(group.targets));
  return Paint(text, StyleOf(group.state), color);
}

// Beside those that --where left out.
bool HasOthers(const FollowedJob& job) {
  return std::any_of(
      job.tasks().begin(), job.tasks().end(), [](const FollowedTask& task) {
        const v1::AttemptStatus& attempt = task.status.attempt();
        return task.selected && attempt.state() != v1::TASK_STATE_COMPLETED &&
               !attempt.outcome().unmatched();
      });
}

std::string NextSteps(const FollowedJob& job, const std::string& name) {
  if (job.final_count() < job.selected_count()) {
    return fmt::format(" · tutti job receive {0} --follow · tutti job stop {0}",
                       name);
  }
  if (!HasOthers(job)) return fmt::format(" · tutti job show {}", name);
  return fmt::format(" · tutti job retry {0} · tutti job show {0}", name);
}

std::string CompletedText(const FollowedJob& job,
                          const SummaryOptions& options) {
  const std::string text = fmt::format(
      "{} completed in {} · job {}", Counted(job.selected_count(), "target"),
      tutti::FormatDuration(options.elapsed), job.job().number());
  return Paint(text, Style::kGreen, options.color) + "\n";
}

}  // namespace

std::string SummaryText(const FollowedJob& job, const SummaryOptions& options,
                        absl::Time now) {
  auto groups = Groups(job, now);
  if (groups.empty()) return options.always ? CompletedText(job, options) : "";
  std::string text;
  for (const v1::TaskState state : kOrder) {
    std::vector<TaskGroup>& reasons = groups[state];
    if (reasons.size() > kMaxReasons) reasons = {Merged(reasons)};
    for (const TaskGroup& group : reasons) {
      if (!text.empty()) text += '\n';
      text += GroupText(group, options.color);
    }
  }
  return text + NextSteps(job, options.job_name) + "\n";
}

}  // namespace tutti::cli
