#include "controller/cli/follow/progress_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "common/base/duration.h"
#include "common/jobs/states.h"
#include "controller/cli/follow/outcome.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {
namespace {

constexpr absl::Duration kSlowAfter = absl::Seconds(10);
constexpr size_t kMaxNamed = 3;

std::map<v1::TaskState, uint64_t> Counts(const FollowedJob& job) {
  std::map<v1::TaskState, uint64_t> counts;
  for (const FollowedTask& task : job.tasks()) {
    if (task.selected) ++counts[task.status.attempt().state()];
  }
  return counts;
}

// A task that is waited for. A lower rank is named first, and among equals
// the one that takes longest.
struct Slow {
  int rank;
  absl::Duration age;
  std::string text;
};

// How long ago `time` was; zero when it is not known.
absl::Duration Age(absl::Time time, const ProgressTimes& times) {
  if (time == absl::InfinitePast()) return absl::ZeroDuration();
  return std::clamp(times.now - time, absl::ZeroDuration(), times.longest);
}

Slow Describe(const FollowedTask& task, const ProgressTimes& times) {
  const v1::TaskStatus& status = task.status;
  const absl::Time lost_at = ToTime(status.link_lost_at());
  const v1::TaskState state = status.attempt().state();
  if (state == v1::TASK_STATE_DISCONNECTED) {
    const absl::Duration age = Age(lost_at, times);
    return {0, age, fmt::format("link lost {} ago", RoundDuration(age))};
  }
  if (state == v1::TASK_STATE_PENDING) {
    if (!status.offline()) return {3, {}, "not its turn yet"};
    return {1, {}, "offline, " + LastSeen(lost_at, times.now)};
  }
  const absl::Duration age = Age(ToTime(status.attempt().started_at()), times);
  if (state == v1::TASK_STATE_ASSIGNED) return {2, age, "not started yet"};
  return {2, age, fmt::format("{} {}", StateWords(state), RoundDuration(age))};
}

// The first `named` of them.
std::string WaitingFor(const std::vector<Slow>& slow, size_t named) {
  std::string text = " · waiting for ";
  for (size_t i = 0; i < named; ++i) {
    if (i > 0) text += ", ";
    text += slow[i].text;
  }
  if (slow.size() > named) {
    text += fmt::format(" and {}", Counted(slow.size() - named, "other"));
  }
  return text;
}

// Names as many as `room` columns take, and one in any case.
std::string WaitingText(const FollowedJob& job, const ProgressTimes& times,
                        int room) {
  std::vector<Slow> slow;
  for (const FollowedTask& task : job.tasks()) {
    if (!task.selected || IsFinal(task.status.attempt().state())) continue;
    Slow entry = Describe(task, times);
    entry.text = fmt::format("{} ({})", task.name, entry.text);
    slow.push_back(std::move(entry));
  }
  if (slow.empty()) return "";
  size_t named = std::min(slow.size(), kMaxNamed);
  std::partial_sort(slow.begin(),
                    slow.begin() + static_cast<std::ptrdiff_t>(named),
                    slow.end(), [](const Slow& left, const Slow& right) {
                      if (left.rank != right.rank) {
                        return left.rank < right.rank;
                      }
                      return left.age > right.age;
                    });
  std::string text = WaitingFor(slow, named);
  while (named > 1 && DisplayWidth(text) > room) {
    text = WaitingFor(slow, --named);
  }
  return text;
}

}  // namespace

std::string ProgressLine(const FollowedJob& job, const ProgressTimes& times,
                         int width) {
  std::string line =
      fmt::format("job {} · {} · {}", job.job().number(),
                  RoundDuration(times.following), CountsText(Counts(job)));
  if (times.following >= kSlowAfter) {
    line += WaitingText(job, times, width - DisplayWidth(line));
  }
  return line;
}

}  // namespace tutti::cli
