#include "controller/core/journal_loader.h"

#include <memory>
#include <string_view>
#include <utility>

#include "common/base/log.h"
#include "common/jobs/states.h"
#include "controller/jobs/job_state.h"

namespace tutti::controller {

void JournalLoader::Load(const JournalContents& contents) {
  state_.registry.Load(contents);
  state_.groups.Load(contents);
  state_.groups.SetFile(state_.settings.file_groups);
  dispatcher_.SetNextNumber(contents.next_job_number);
  for (const auto& stored : contents.jobs) AddJob(stored);
  for (const auto& stored : contents.steering) {
    if (Job* job = state_.jobs.Find(stored.job_number)) {
      job->held = stored.held;
      job->stopping = stored.stopping;
      job->remove_when_final = stored.removing;
      job->rollout.SetHeld(stored.held);
      job->approved = stored.approved;
      if (stored.approved) job->rollout.Approve();
    }
  }
  for (const auto& stored : contents.outcomes) AddOutcome(stored);
  for (const auto& stored : contents.assigned) AddAssigned(stored);
  for (const auto& [number, job] : state_.jobs.jobs()) {
    if (!job->final()) AddPending(*job);
    tasks_.EndIfFinal(*job);
    job->committed = true;
  }
}

void JournalLoader::AddJob(const JournalBatch::NewJob& stored) {
  absl::StatusOr<JobRequest> request = RequestOf(stored.job);
  if (!request.ok()) {
    log::Error("job {} of the journal is left out: {}", stored.number,
               std::string_view(request.status().message().data(),
                                request.status().message().size()));
    return;
  }
  state_.jobs.Add(std::make_unique<Job>(stored.number, *std::move(request),
                                        /*tree=*/nullptr));
}

Job* JournalLoader::FindTask(uint64_t job_number, uint32_t task) {
  Job* job = state_.jobs.Find(job_number);
  return job == nullptr || task >= job->size() ? nullptr : job;
}

void JournalLoader::AddOutcome(const JournalBatch::Outcome& stored) {
  Job* job = FindTask(stored.job_number, stored.task);
  const v1::AttemptStatus& status = stored.outcome.status();
  if (job == nullptr || !IsFinal(status.state())) return;
  Task& task = job->task(stored.task);
  task.record.Update(status);
  if (stored.outcome.end_position() > 0) {
    task.output.Restore(stored.outcome.end_position(),
                        stored.outcome.stdout_bytes(),
                        stored.outcome.stderr_bytes());
  }
  job->SetState(stored.task, status.state());
  job->rollout.AddFinal(stored.task, status.state());
}

void JournalLoader::AddAssigned(const JournalBatch::Assigned& stored) {
  Job* job = FindTask(stored.job_number, stored.task);
  if (job == nullptr) return;
  Task& task = job->task(stored.task);
  task.sent = true;
  if (IsFinal(task.state)) return;
  task.link_lost_at = CompactTime(state_.clock.Now());
  job->SetState(stored.task, v1::TASK_STATE_DISCONNECTED);
  job->rollout.AddInFlight(stored.task);
  state_.links.Get(job->target(stored.task))
      .live.push_back({stored.job_number, stored.task});
  tasks_.WatchLink(*job, stored.task);
}

void JournalLoader::AddPending(Job& job) {
  for (uint32_t task = 0; task < job.size(); ++task) {
    if (job.task(task).state == v1::TASK_STATE_PENDING) {
      dispatcher_.AddPending(job, task);
    }
  }
  if (job.stopping) dispatcher_.StopWaiting(job);
  state_.DispatchLater(job);
}

}  // namespace tutti::controller
