#include "controller/cli/follow/summary.h"

#include <fmt/format.h>

#include <map>
#include <vector>

#include "common/base/duration.h"
#include "common/targets/node_set.h"
#include "controller/cli/follow/outcome.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {
namespace {

// More reasons than this for one state are shown as one group without reason.
constexpr size_t kMaxReasons = 8;

using NamesByReason = std::map<std::string, std::vector<std::string>>;

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

std::string ReasonOf(const FollowedTask& task, absl::Time now) {
  const absl::Time lost_at = ToTime(task.status.link_lost_at());
  switch (task.status.attempt().state()) {
    case v1::TASK_STATE_DISCONNECTED:
      if (lost_at == absl::InfinitePast()) return "link lost";
      return fmt::format("link lost {} ago", RoundDuration(now - lost_at));
    case v1::TASK_STATE_PENDING:
      if (!task.status.offline()) return "";
      return "offline, " + LastSeen(lost_at, now);
    default:
      return Reason(task.status);
  }
}

Style StyleOf(v1::TaskState state) {
  if (!IsFinal(state) || state == v1::TASK_STATE_SKIPPED) return Style::kYellow;
  return Style::kRed;
}

std::string GroupText(v1::TaskState state, const std::string& reason,
                      const std::vector<std::string>& names) {
  return fmt::format("{} {}{}: {}", names.size(), StateWords(state),
                     reason.empty() ? "" : fmt::format(" ({})", reason),
                     FoldNames(names));
}

std::string NextSteps(const FollowedJob& job, const std::string& name) {
  if (job.final_count() < job.selected_count()) {
    return fmt::format(" · tutti job receive {0} --follow · tutti job stop {0}",
                       name);
  }
  return fmt::format(" · tutti job show {}", name);
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
  std::map<v1::TaskState, NamesByReason> groups;
  for (const FollowedTask& task : job.tasks()) {
    const v1::TaskState state = task.status.attempt().state();
    if (!task.selected || state == v1::TASK_STATE_COMPLETED) continue;
    groups[state][ReasonOf(task, now)].push_back(task.name);
  }
  if (groups.empty()) return options.always ? CompletedText(job, options) : "";
  std::string text;
  for (const v1::TaskState state : kOrder) {
    NamesByReason& reasons = groups[state];
    if (reasons.size() > kMaxReasons) {
      std::vector<std::string> all;
      for (const auto& [reason, names] : reasons) {
        all.insert(all.end(), names.begin(), names.end());
      }
      reasons = {{"for various reasons", std::move(all)}};
    }
    for (const auto& [reason, names] : reasons) {
      if (!text.empty()) text += '\n';
      text +=
          Paint(GroupText(state, reason, names), StyleOf(state), options.color);
    }
  }
  return text + NextSteps(job, options.job_name) + "\n";
}

}  // namespace tutti::cli
