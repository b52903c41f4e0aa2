#include "controller/core/journal_queue.h"

#include <algorithm>
#include <utility>

#include "common/base/duration.h"
#include "common/base/log.h"

namespace tutti::controller {
namespace {

constexpr absl::Duration kRetryAfter = absl::Seconds(1);

template <typename T>
void Append(std::vector<T>& to, std::vector<T> from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()),
            std::make_move_iterator(from.end()));
}

void Fill(const Job& job, const JobAttempt& attempt,
          storage::v1::JournaledSteering& steering) {
  steering.set_held(job.held());
  steering.set_suspended(job.suspended());
  steering.set_removing(job.remove_when_final);
  steering.set_stopping(attempt.stopping);
  steering.set_skipping(attempt.skipping);
  steering.set_superseded_by(attempt.superseded_by);
  steering.set_overdue(attempt.overdue);
  *steering.mutable_stop() = attempt.stop_rule;
  steering.set_approved(attempt.approved);
  for (const auto& [task, how] : attempt.stopped_tasks) {
    auto& stopped = *steering.add_stopped_tasks();
    stopped.set_task(task);
    *stopped.mutable_rule() = how.rule;
    stopped.set_reason(how.reason);
  }
  for (const uint32_t task : job.TasksOf(attempt.request())) {
    if (job.task(task).attempt == attempt.number() && job.task(task).suspend) {
      steering.add_suspended_tasks(task);
    }
  }
  if (!attempt.changed() && job.name() == job.description().name) return;
  auto& stored = *steering.mutable_settings();
  StoreSettings(attempt.settings(), stored);
  stored.set_name(job.name());
}

}  // namespace

std::vector<JournalBatch::Steering> SteeringRows(const Job& job) {
  std::vector<JournalBatch::Steering> rows;
  for (const auto& attempt : job.attempts()) {
    // What is said of the job counts in the row of its newest attempt.
    if (attempt->unfinished == 0 && attempt != job.attempts().back()) continue;
    JournalBatch::Steering& row = rows.emplace_back();
    row.job_number = job.number();
    row.attempt = attempt->number();
    Fill(job, *attempt, row.steering);
  }
  return rows;
}

void JournalQueue::AddAgents(JournalBatch batch) {
  for (JournalBatch::Agent& agent : batch.agents) {
    agents_.insert(std::move(agent.name));
  }
}

bool JournalQueue::empty() const {
  return tasks_.assigned.empty() && tasks_.outcomes.empty() &&
         jobs_.steered.empty() && jobs_.removed.empty() && agents_.empty();
}

absl::Time JournalQueue::due_at() const {
  const bool awaited = !tasks_.assigned.empty() || !jobs_.removed.empty();
  return awaited ? retry_at_ : std::max(retry_at_, written_at_ + kGatherFor);
}

void JournalQueue::Flush() {
  if (in_flight_ || empty() || state_.steady.Now() < due_at()) return;
  in_flight_ = true;
  Durable tasks = std::exchange(tasks_, {});
  Jobs jobs = std::exchange(jobs_, {});
  JournalBatch batch = MakeBatch(tasks, jobs);
  absl::flat_hash_set<std::string> agents = std::exchange(agents_, {});
  for (const std::string& name : agents) {
    const AgentEntry* entry = state_.registry.Find(name);
    if (entry == nullptr) continue;
    batch.agents.push_back({name, entry->key_fingerprint, entry->stored});
  }
  state_.effects.Commit(
      std::move(batch),
      [this, tasks = std::move(tasks), jobs = std::move(jobs),
       agents = std::move(agents)](const absl::Status& status) mutable {
        if (!status.ok()) agents_.merge(agents);
        OnDone(std::move(tasks), std::move(jobs), status);
      });
}

JournalBatch JournalQueue::MakeBatch(const Durable& tasks,
                                     const Jobs& jobs) const {
  JournalBatch batch;
  batch.assigned.reserve(tasks.assigned.size());
  for (const TaskReference& reference : tasks.assigned) {
    const Job* job = state_.jobs.Find(reference.job);
    if (job == nullptr) continue;
    JournalBatch::Assigned row;
    row.job_number = reference.job;
    row.task = reference.task;
    row.attempt = job->task(reference.task).attempt;
    batch.assigned.push_back(row);
  }
  batch.outcomes.reserve(tasks.outcomes.size());
  for (const TaskReference& reference : tasks.outcomes) {
    const Job* job = state_.jobs.Find(reference.job);
    if (job == nullptr) continue;
    JournalBatch::Outcome row;
    row.job_number = reference.job;
    row.task = reference.task;
    row.attempt = job->task(reference.task).attempt;
    row.outcome = job->OutcomeOf(reference.task, row.attempt);
    batch.outcomes.push_back(std::move(row));
  }
  for (const uint64_t number : jobs.steered) {
    const Job* job = state_.jobs.Find(number);
    if (job != nullptr) Append(batch.steering, SteeringRows(*job));
  }
  batch.removed_jobs = jobs.removed;
  return batch;
}

void JournalQueue::OnDone(Durable tasks, Jobs jobs,
                          const absl::Status& status) {
  in_flight_ = false;
  if (status.ok()) {
    written_at_ = state_.steady.Now();
    on_durable_(tasks);
  } else {
    log::Error(
        "cannot write to the journal: {}; trying again in {}",
        std::string_view(status.message().data(), status.message().size()),
        tutti::FormatDuration(kRetryAfter));
    retry_at_ = state_.steady.Now() + kRetryAfter;
    Append(tasks_.assigned, std::move(tasks.assigned));
    Append(tasks_.outcomes, std::move(tasks.outcomes));
    jobs_.steered.merge(jobs.steered);
    Append(jobs_.removed, std::move(jobs.removed));
  }
  state_.settle();
}

absl::Time JournalQueue::NextDeadline() const {
  return in_flight_ || empty() ? absl::InfiniteFuture()
                               : state_.WallOf(due_at());
}

}  // namespace tutti::controller
