#include "controller/core/journal_loader.h"

#include <memory>
#include <utility>

#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/jobs/states.h"
#include "controller/core/label_limits.h"
#include "controller/jobs/job_state.h"

namespace tutti::controller {
namespace {

void Restore(const storage::v1::JournaledOutcome& outcome, TaskOutput& output) {
  if (outcome.end_position() == 0) return;
  output.Restore(outcome.end_position(), outcome.stdout_bytes(),
                 outcome.stderr_bytes());
}

}  // namespace

void JournalLoader::Load(const JournalContents& contents) {
  state_.registry.Load(contents);
  state_.groups.Load(contents);
  state_.groups.SetFile(state_.settings.file_groups);
  dispatcher_.SetNextNumber(contents.next_job_number);
  for (const auto& stored : contents.jobs) AddJob(stored);
  for (const auto& stored : contents.attempts) AddAttempt(stored);
  for (const auto& stored : contents.steering) AddSteering(stored);
  for (const auto& stored : contents.assigned) NoteStarted(stored);
  for (const auto& stored : contents.outcomes) AddOutcome(stored);
  for (const auto& stored : contents.assigned) AddAssigned(stored);
  for (const auto& [number, job] : state_.jobs.jobs()) {
    if (!job->final()) {
      AddPending(*job);
      state_.CheckReaderLater(*job);
    }
    tasks_.EndIfFinal(*job);
    job->committed = true;
  }
}

void JournalLoader::AddJob(const JournalBatch::NewJob& stored) {
  absl::StatusOr<JobRequest> request = RequestOf(stored.job);
  if (!request.ok()) {
    log::Error("job {} of the journal is left out: {}", stored.number,
               TextOf(request.status()));
    return;
  }
  state_.jobs.Add(std::make_unique<Job>(stored.number, *std::move(request),
                                        /*tree=*/nullptr));
}

void JournalLoader::AddAttempt(const JournalBatch::NewAttempt& stored) {
  Job* job = state_.jobs.Find(stored.job_number);
  if (job == nullptr) return;
  absl::StatusOr<AttemptRequest> request = RetryOf(stored.job);
  if (request.ok() && (stored.attempt != job->attempts().size() + 1 ||
                       request->number != stored.attempt)) {
    request = DataLoss("it is not the one that should follow");
  }
  if (!request.ok()) {
    log::Error("attempt {} of job {} of the journal is left out: {}",
               stored.attempt, stored.job_number, TextOf(request.status()));
    return;
  }
  state_.jobs.NoteTasks(request->targets.size());
  job->AddAttempt(*std::move(request), /*tree=*/nullptr);
}

void JournalLoader::AddSteering(const JournalBatch::Steering& stored) {
  Job* job = state_.jobs.Find(stored.job_number);
  if (job == nullptr || stored.attempt == 0 ||
      stored.attempt > job->attempts().size()) {
    return;
  }
  const storage::v1::JournaledSteering& steering = stored.steering;
  job->SetHeld(steering.held());
  job->SetSuspended(steering.suspended());
  job->remove_when_final = steering.removing();
  JobAttempt& attempt = *job->attempts()[stored.attempt - 1];
  attempt.stopping = steering.stopping();
  attempt.skipping = steering.skipping();
  attempt.superseded_by = steering.superseded_by();
  attempt.overdue = steering.overdue();
  attempt.stop_rule = steering.stop();
  for (const auto& stopped : steering.stopped_tasks()) {
    attempt.stopped_tasks[stopped.task()] = {stopped.rule(), stopped.reason()};
  }
  for (const uint32_t task : steering.suspended_tasks()) {
    if (task < job->size() && job->task(task).attempt == attempt.number()) {
      job->task(task).suspend = true;
    }
  }
  if (steering.has_settings()) {
    job->Rename(steering.settings().name());
    attempt.Change(LoadSettings(steering.settings()), state_.steady.Now());
  }
  attempt.approved = steering.approved();
  if (attempt.approved) attempt.rollout.Approve();
}

Job* JournalLoader::FindTask(uint64_t job_number, uint32_t task,
                             uint32_t attempt) {
  Job* job = state_.jobs.Find(job_number);
  if (job == nullptr || task >= job->size()) return nullptr;
  return job->ViewOf(task, attempt).has_value() ? job : nullptr;
}

void JournalLoader::NoteStarted(const JournalBatch::Assigned& stored) {
  Job* job = FindTask(stored.job_number, stored.task, stored.attempt);
  if (job == nullptr) return;
  job->attempts()[stored.attempt - 1]->rollout.NoteStarted();
  Task& task = job->task(stored.task);
  if (task.attempt == stored.attempt) task.sent = true;
}

void JournalLoader::AddOutcome(const JournalBatch::Outcome& stored) {
  Job* job = FindTask(stored.job_number, stored.task, stored.attempt);
  const v1::AttemptStatus& status = stored.outcome.status();
  if (job == nullptr || !IsFinal(status.state())) return;
  Task& task = job->task(stored.task);
  JobAttempt& attempt = *job->attempts()[stored.attempt - 1];
  const bool sent = task.sent && task.attempt == stored.attempt;
  if (status.state() == v1::TASK_STATE_REFUSED && !sent &&
      attempt.request().settings.rollout.quorum != 0) {
    // It said so when it was asked: it never started.
    attempt.rollout.Finish(stored.task, status.state());
  } else {
    attempt.rollout.AddFinal(stored.task, status.state());
  }
  if (EarlierAttempt* earlier = task.FindEarlier(stored.attempt)) {
    earlier->state = status.state();
    earlier->record.Update(status);
    Restore(stored.outcome, earlier->output);
    return;
  }
  task.record.Update(status);
  Restore(stored.outcome, task.output);
  job->SetState(stored.task, status.state());
}

void JournalLoader::AddAssigned(const JournalBatch::Assigned& stored) {
  Job* job = FindTask(stored.job_number, stored.task, stored.attempt);
  if (job == nullptr || job->task(stored.task).attempt != stored.attempt) {
    return;
  }
  const Task& task = job->task(stored.task);
  if (IsFinal(task.state)) return;
  job->task(stored.task).link_lost_at = CompactTime(state_.clock.Now());
  job->SetState(stored.task, v1::TASK_STATE_DISCONNECTED);
  job->AttemptOf(stored.task).rollout.AddInFlight(stored.task);
  state_.links.Get(job->target(stored.task))
      .live.push_back({stored.job_number, stored.task});
  tasks_.WatchLink(*job, stored.task);
}

void JournalLoader::AddPending(Job& job) {
  for (const auto& attempt : job.attempts()) {
    if (attempt->unfinished > 0 &&
        !attempt->settings().rollout.max_per_label.empty()) {
      ApplyLabelLimits(state_.registry, job, *attempt);
    }
  }
  for (uint32_t task = 0; task < job.size(); ++task) {
    if (job.task(task).state == v1::TASK_STATE_PENDING) {
      dispatcher_.AddPending(job, task);
    }
  }
  for (const auto& attempt : job.attempts()) {
    attempt->secrets_lost = attempt->request().has_secrets;
    attempt->skipping = attempt->skipping || attempt->secrets_lost;
    dispatcher_.StopStopped(job, *attempt);
  }
  state_.DispatchLater(job);
}

}  // namespace tutti::controller
