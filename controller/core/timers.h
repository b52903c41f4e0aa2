// Points in time at which something has to be looked at.
#ifndef CONTROLLER_CORE_TIMERS_H_
#define CONTROLLER_CORE_TIMERS_H_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "controller/jobs/job.h"

namespace tutti::controller {

// A heap. Nothing is ever taken back: whoever set a timer notes when it is due
// (Task::timer_at, Job::timer_at, Job::start_timer_at), and what does not agree
// is old. Not thread-safe.
class Timers {
 public:
  // Instead of a task: the rollout of the job.
  static constexpr uint32_t kRollout = std::numeric_limits<uint32_t>::max();

  struct Timer {
    absl::Time at;
    TaskReference what;
  };

  // Sets a timer unless `noted` says that one is set that is due no later.
  void Set(absl::Time at, TaskReference what, CompactTime& noted) {
    const CompactTime compact(at);
    if (noted.known() && noted.time() <= compact.time()) return;
    noted = compact;
    timers_.push_back({compact.time(), what});
    std::push_heap(timers_.begin(), timers_.end(), IsLater);
  }

  // The next one that is due at `now`.
  std::optional<Timer> Take(absl::Time now) {
    if (timers_.empty() || timers_.front().at > now) return std::nullopt;
    const Timer due = timers_.front();
    std::pop_heap(timers_.begin(), timers_.end(), IsLater);
    timers_.pop_back();
    return due;
  }

  absl::Time NextDeadline() const {
    return timers_.empty() ? absl::InfiniteFuture() : timers_.front().at;
  }

 private:
  static bool IsLater(const Timer& a, const Timer& b) { return a.at > b.at; }

  std::vector<Timer> timers_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_TIMERS_H_
