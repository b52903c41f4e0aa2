#include "controller/core/unread_jobs.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/log.h"

namespace tutti::controller {

void UnreadJobs::Pump() {
  for (const uint64_t number : std::exchange(state_.unread_due, {})) {
    end_at_[number] = state_.steady.Now() + kGiveUpAfter;
  }
}

absl::Time UnreadJobs::NextDeadline() const {
  absl::Time deadline = absl::InfiniteFuture();
  for (const auto& [number, at] : end_at_) deadline = std::min(deadline, at);
  return state_.WallOf(deadline);
}

void UnreadJobs::OnTime() {
  const absl::Time now = state_.steady.Now();
  std::vector<uint64_t> due;
  for (const auto& [number, at] : end_at_) {
    if (at <= now) due.push_back(number);
  }
  for (const uint64_t number : due) {
    end_at_.erase(number);
    Job* job = state_.jobs.Find(number);
    // A reader that leaves enters it anew.
    if (job == nullptr || job->final() || watches_.IsWatched(*job)) continue;
    End(*job);
  }
}

void UnreadJobs::End(Job& job) {
  log::Warning("job {}: nobody reads what it sends; ending it", job.number());
  for (uint32_t task = 0; task < job.size(); ++task) {
    dispatcher_.EndTask(job, task, "nobody reads what it sends");
  }
}

}  // namespace tutti::controller
