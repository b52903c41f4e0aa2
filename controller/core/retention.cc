#include "controller/core/retention.h"

#include "common/base/errors.h"

namespace tutti::controller {

void Retention::Remove(Job& job) {
  const uint64_t number = job.number();
  watches_.JobRemoved(job);
  journal_.AddRemoved(number);
  state_.jobs.Remove(number);
}

absl::Status Retention::MakeRoom(uint64_t tasks) {
  const CoreSettings& settings = state_.settings;
  JobTable& table = state_.jobs;
  while (table.jobs().size() >= settings.max_jobs ||
         table.task_count() + tasks > settings.max_tasks) {
    const auto oldest = table.OldestFinal();
    Job* job = oldest.has_value() ? table.Find(oldest->second) : nullptr;
    if (job == nullptr || !job->committed) {
      return ResourceExhausted(
          "no room for {} tasks beside {} jobs with {} tasks that are not "
          "final; wait for one to end, or raise max_jobs or max_tasks",
          tasks, table.jobs().size(), table.task_count());
    }
    Remove(*job);
  }
  return absl::OkStatus();
}

absl::Time Retention::NextDeadline() const {
  const auto oldest = state_.jobs.OldestFinal();
  return oldest.has_value() ? oldest->first + state_.settings.job_retention
                            : absl::InfiniteFuture();
}

void Retention::OnTime() {
  while (NextDeadline() <= state_.clock.Now()) {
    Remove(*state_.jobs.Find(state_.jobs.OldestFinal()->second));
  }
}

}  // namespace tutti::controller
