#include "controller/cli/follow/waiting_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/duration.h"
#include "common/jobs/states.h"
#include "common/targets/node_set.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {
namespace {

constexpr size_t kMaxGroups = 3;
// Ages that are told as one are at least this part of the greatest.
constexpr double kAlike = 0.9;
constexpr int kFewestColumns = 8;

// Why a task is waited for; what is hardest to expect stands first.
enum class Cause { kLinkLost, kOffline, kOpen, kNotItsTurn };

struct Slow {
  Cause cause;
  v1::TaskState state;
  absl::Duration age;
  size_t task;
};

struct SlowGroup {
  std::vector<std::string> names;
  // "running 41 s"
  std::string reason;
};

// How long ago `time` was; zero when it is not known.
absl::Duration Age(absl::Time time, const WaitingTimes& times) {
  if (time == absl::InfinitePast()) return absl::ZeroDuration();
  return std::clamp(times.now - time, absl::ZeroDuration(), times.longest);
}

Slow Classify(const FollowedTask& task, const WaitingTimes& times,
              size_t index) {
  const v1::TaskStatus& status = task.status;
  const v1::TaskState state = status.attempt().state();
  const absl::Time lost_at = ToTime(status.link_lost_at());
  if (state == v1::TASK_STATE_DISCONNECTED) {
    return {Cause::kLinkLost, state, Age(lost_at, times), index};
  }
  if (state == v1::TASK_STATE_PENDING && !status.offline()) {
    return {Cause::kNotItsTurn, state, {}, index};
  }
  if (state == v1::TASK_STATE_PENDING) {
    const absl::Duration age =
        lost_at == absl::InfinitePast()
            ? absl::InfiniteDuration()
            : std::max(times.now - lost_at, absl::ZeroDuration());
    return {Cause::kOffline, state, age, index};
  }
  const absl::Time started_at = ToTime(status.attempt().started_at());
  return {Cause::kOpen, state, Age(started_at, times), index};
}

std::vector<Slow> FindSlow(const FollowedJob& job, const WaitingTimes& times) {
  std::vector<Slow> slow;
  for (size_t i = 0; i < job.tasks().size(); ++i) {
    const FollowedTask& task = job.tasks()[i];
    if (!task.selected || IsFinal(task.status.attempt().state())) continue;
    slow.push_back(Classify(task, times, i));
  }
  std::stable_sort(slow.begin(), slow.end(),
                   [](const Slow& left, const Slow& right) {
                     if (left.cause != right.cause) {
                       return left.cause < right.cause;
                     }
                     return left.age > right.age;
                   });
  return slow;
}

// Told in the words of `oldest`.
bool IsLike(const Slow& oldest, const Slow& other) {
  return oldest.cause == other.cause && oldest.state == other.state &&
         other.age >= oldest.age * kAlike;
}

std::string ReasonOf(const Slow& slow, const FollowedJob& job,
                     const WaitingTimes& times) {
  const std::string age = RoundDuration(slow.age);
  switch (slow.cause) {
    case Cause::kLinkLost:
      return fmt::format("link lost {} ago", age);
    case Cause::kOffline: {
      const v1::TaskStatus& status = job.tasks()[slow.task].status;
      return "offline, " + LastSeen(ToTime(status.link_lost_at()), times.now);
    }
    case Cause::kNotItsTurn:
      if (job.job().held()) return "held back";
      if (job.job().state() == v1::JOB_STATE_BLOCKED) {
        return fmt::format("until tutti job approve {}", job.job().number());
      }
      return "not its turn yet";
    case Cause::kOpen:
      break;
  }
  if (slow.state == v1::TASK_STATE_ASSIGNED) return "not started yet";
  if (slow.state != v1::TASK_STATE_RUNNING) return StateWords(slow.state);
  return "running " + age;
}

std::vector<SlowGroup> FirstGroups(const std::vector<Slow>& slow,
                                   const FollowedJob& job,
                                   const WaitingTimes& times) {
  std::vector<SlowGroup> groups;
  for (size_t i = 0; i < slow.size() && groups.size() < kMaxGroups;) {
    const Slow& oldest = slow[i];
    SlowGroup& group = groups.emplace_back();
    group.reason = ReasonOf(oldest, job, times);
    for (; i < slow.size() && IsLike(oldest, slow[i]); ++i) {
      group.names.push_back(job.tasks()[slow[i].task].name);
    }
  }
  return groups;
}

// "web[07,09] (link lost 12 s ago)", the names in at most `width` columns.
std::string GroupText(const SlowGroup& group, int width) {
  const std::string names = FoldNames(group.names);
  if (DisplayWidth(names) <= width || group.names.size() == 1) {
    return fmt::format("{} ({})", names, group.reason);
  }
  return fmt::format("{} ({}, {})", Shorten(names, width),
                     Counted(group.names.size(), "target"), group.reason);
}

// The first `named` groups; `total` targets are waited for in all.
std::string Text(const std::vector<SlowGroup>& groups, size_t named,
                 size_t total, int name_width) {
  std::string text = "waiting for ";
  for (size_t i = 0; i < named; ++i) {
    if (i > 0) text += ", ";
    text += GroupText(groups[i], name_width);
    total -= groups[i].names.size();
  }
  if (total > 0) text += fmt::format(" and {}", Counted(total, "other"));
  return text;
}

}  // namespace

std::string WaitingLine(const FollowedJob& job, const WaitingTimes& times,
                        int width) {
  const std::vector<Slow> slow = FindSlow(job, times);
  if (slow.empty()) return "";
  const std::vector<SlowGroup> groups = FirstGroups(slow, job, times);
  const int name_width = std::max(kFewestColumns, width / 2);
  std::string text;
  for (size_t named = groups.size(); named > 0; --named) {
    text = Text(groups, named, slow.size(), name_width);
    if (DisplayWidth(text) <= width) return text;
  }
  text = Text(groups, 1, slow.size(), kFewestColumns);
  const int spare = std::max(0, width - DisplayWidth(text));
  return Text(groups, 1, slow.size(), kFewestColumns + spare);
}

}  // namespace tutti::cli
