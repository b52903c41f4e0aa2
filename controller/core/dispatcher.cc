#include "controller/core/dispatcher.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/errors.h"
#include "common/jobs/states.h"
#include "common/targets/node_set.h"
#include "controller/core/label_limits.h"
#include "controller/core/prepared_job.h"
#include "controller/core/selection_rules.h"

namespace tutti::controller {
namespace {

// The job, and what of it starts at once.
JournalBatch MakeBatch(const Job& job, const std::vector<uint32_t>& assigned) {
  JournalBatch batch;
  JournalBatch::NewJob row;
  row.number = job.number();
  row.uuid = job.description().uuid;
  row.job = ToJournal(job.first_request());
  row.job.set_name(job.description().name);
  row.job.set_supersede(job.description().supersede);
  if (const absl::Duration after = job.description().drop_slow_after;
      after != absl::InfiniteDuration()) {
    *row.job.mutable_drop_slow_after() = tutti::ToProto(after);
  }
  *row.job.mutable_parameters() = job.description().parameters;
  batch.new_jobs.push_back(std::move(row));
  batch.assigned.reserve(assigned.size());
  for (uint32_t task : assigned) {
    JournalBatch::Assigned assignment;
    assignment.job_number = job.number();
    assignment.task = task;
    assignment.attempt = job.task(task).attempt;
    batch.assigned.push_back(assignment);
  }
  return batch;
}

}  // namespace

void Dispatcher::StartJob(PreparedJob prepared, StartReply reply) {
  const v1::JobSpec& spec = prepared.opened.spec;
  const absl::StatusOr<Uuid> uuid = Uuid::FromBytes(spec.job_uuid());
  if (!uuid.ok()) return reply(uuid.status());
  if (Job* existing = state_.jobs.Find(*uuid)) {
    return AnswerExisting(*existing, *prepared.envelope, std::move(reply));
  }
  absl::Status status = CheckPrepared(prepared, state_.fleet, state_.settings,
                                      state_.clock.Now());
  if (status.ok()) status = CheckDelegatingJob(prepared, state_.jobs);
  if (status.ok()) status = CheckKnown(state_.registry, prepared.targets);
  if (status.ok()) {
    status = CheckLabelLimits(state_.registry, prepared.targets,
                              prepared.request.rollout().max_per_label());
  }
  if (status.ok()) status = retention_.MakeRoom(prepared.targets.size());
  if (!status.ok()) return reply(status);

  Job& job = AddJob(std::move(prepared), *uuid);
  waiting_[job.number()].push_back(std::move(reply));
  std::vector<uint32_t> assigned =
      job.newest_attempt().rollout.TakeStartable(state_.steady.Now());
  for (uint32_t task : assigned) Assign(job, task);
  JournalBatch batch = MakeBatch(job, assigned);
  state_.effects.Commit(std::move(batch), [this, number = job.number(),
                                           assigned = std::move(assigned)](
                                              const absl::Status& status) {
    OnJobCommitted(number, assigned, status);
    state_.settle();
  });
  state_.DispatchLater(job);
}

void Dispatcher::AnswerExisting(Job& job, const std::string& envelope,
                                StartReply reply) {
  if (*job.first_request().envelope != envelope) {
    return reply(AlreadyExists(
        "another job has the UUID {}; give a new one, or leave --id out",
        job.description().uuid.ToString()));
  }
  if (!job.committed) {
    waiting_[job.number()].push_back(std::move(reply));
    return;
  }
  v1::StartJobResponse response;
  response.set_number(job.number());
  response.set_existed(true);
  reply(std::move(response));
}

Job& Dispatcher::AddJob(PreparedJob prepared, const Uuid& uuid) {
  JobRequest request;
  request.job.uuid = uuid;
  request.job.name = prepared.request.name();
  request.job.supersede = prepared.request.supersede();
  if (prepared.request.has_drop_slow_after()) {
    request.job.drop_slow_after =
        ToDuration(prepared.request.drop_slow_after());
  }
  request.job.parameters = std::move(*prepared.request.mutable_parameters());
  DescribeSpec(prepared.opened.spec, request);
  request.first = TakeAttempt(prepared, state_.settings, state_.clock.Now());
  SecretList secrets = std::move(*prepared.request.mutable_secrets());
  // Also without a limit: one may be set later.
  request.first.offline_at_start = OfflineAmong(request.first.targets);
  Job& job = state_.jobs.Add(std::make_unique<Job>(
      next_number_++, std::move(request), std::move(prepared.tree)));
  ApplyLabelLimits(state_.registry, job, job.newest_attempt());
  job.newest_attempt().KeepSecrets(std::move(secrets));
  for (uint32_t task = 0; task < job.size(); ++task) AddPending(job, task);
  state_.CheckReaderLater(job);
  return job;
}

std::vector<uint32_t> Dispatcher::OfflineAmong(
    const std::vector<std::string>& targets) {
  std::vector<uint32_t> offline;
  for (uint32_t place = 0; place < targets.size(); ++place) {
    const AgentLink* link = state_.links.Find(targets[place]);
    if (link == nullptr || link->session == 0) offline.push_back(place);
  }
  return offline;
}

void Dispatcher::AddPending(Job& job, uint32_t task) {
  AgentLink& link = state_.links.Get(job.target(task));
  link.pending.push_back({job.number(), task});
  JobAttempt& attempt = job.AttemptOf(task);
  if (link.session != 0) {
    attempt.rollout.AddOnline(task);
  } else {
    attempt.rollout.AddOffline(
        task, state_.GiveUpAtFor(attempt.request(), link.name));
    job.task(task).offline = true;
  }
}

void Dispatcher::Assign(Job& job, uint32_t task) {
  const TaskReference reference{job.number(), task};
  AgentLink& link = state_.links.Get(job.target(task));
  EraseUnordered(link.pending, reference);
  link.live.push_back(reference);
  job.task(task).assigning = true;
  tasks_.Change(job, task, v1::TASK_STATE_ASSIGNED);
}

void Dispatcher::OnJobCommitted(uint64_t number,
                                const std::vector<uint32_t>& assigned,
                                const absl::Status& status) {
  Job& job = *state_.jobs.Find(number);
  std::vector<StartReply> replies = std::move(waiting_[number]);
  waiting_.erase(number);
  if (!status.ok()) {
    Abandon(job);
    for (StartReply& reply : replies) reply(status);
    return;
  }
  job.committed = true;
  state_.DispatchLater(job);
  v1::StartJobResponse response;
  response.set_number(number);
  for (StartReply& reply : replies) {
    reply(response);
    response.set_existed(true);
  }
  for (uint32_t task : assigned) OnAssigned({number, task});
  if (!job.description().supersede.empty()) SupersedeBy(job);
}

void Dispatcher::SupersedeBy(const Job& newer) {
  for (const auto& [number, older] : state_.jobs.jobs()) {
    if (number >= newer.number() || older->final() ||
        older->description().supersede != newer.description().supersede) {
      continue;
    }
    // A delegate does nothing to jobs of others.
    const auto& delegating_job = newer.first_request().delegating_job;
    if (delegating_job.has_value() &&
        older->first_request().delegating_job != delegating_job) {
      continue;
    }
    for (const auto& attempt : older->attempts()) {
      if (attempt->unfinished == 0 || attempt->skipping) continue;
      attempt->skipping = true;
      attempt->superseded_by = newer.number();
      StopWaiting(*older, *attempt);
    }
    journal_.AddSteering(number);
  }
}

void Dispatcher::Abandon(Job& job) {
  for (uint32_t task = 0; task < job.size(); ++task) {
    AgentLink* link = state_.links.Find(job.target(task));
    if (link == nullptr) continue;
    EraseUnordered(link->pending, {job.number(), task});
    EraseUnordered(link->live, {job.number(), task});
    state_.links.DropIfIdle(job.target(task));
  }
  state_.jobs.Remove(job.number());
}

void Dispatcher::Dispatch(Job& job) {
  for (const auto& attempt : job.attempts()) {
    if (attempt->unfinished > 0) Dispatch(job, *attempt);
  }
}

void Dispatcher::Dispatch(Job& job, JobAttempt& attempt) {
  Rollout& rollout = attempt.rollout;
  if (!attempt.stopping &&
      attempt.settings().deadline_at <= state_.clock.Now()) {
    attempt.overdue = true;
    Stop(job, attempt);
    journal_.AddSteering(job.number());
    return;
  }
  Expire(job, rollout);
  AskForQuorum(job, attempt);
  for (uint32_t task : rollout.TakeStartable(state_.steady.Now())) {
    Assign(job, task);
    journal_.AddAssigned({job.number(), task});
  }
  // Those whose turn has come just now.
  Expire(job, rollout);
  if (rollout.limit_reached() != Limit::kNone) EndAtLimit(job, attempt);
  SetTimers(job, attempt);
}

void Dispatcher::AskForQuorum(Job& job, JobAttempt& attempt) {
  Rollout& rollout = attempt.rollout;
  if (!job.committed || !rollout.quorum().open()) return;
  // Nobody would start it any more.
  if (attempt.request().expires_at <= state_.clock.Now()) {
    return rollout.GiveUpQuorum();
  }
  for (uint32_t task : rollout.TakeToAsk()) Ask(job, task);
}

void Dispatcher::SetTimers(Job& job, const JobAttempt& attempt) {
  const Rollout& rollout = attempt.rollout;
  const TaskReference what{job.number(), Timers::kRollout};
  if (const absl::Time at = attempt.settings().deadline_at;
      !attempt.stopping && at != absl::InfiniteFuture()) {
    state_.timers.Set(at, what, job.timer_at);
  }
  if (rollout.quorum().open()) {
    state_.timers.Set(attempt.request().expires_at, what, job.timer_at);
  }
  if (const absl::Time at = rollout.NextExpiry();
      at != absl::InfiniteFuture()) {
    state_.timers.Set(at, what, job.timer_at);
  }
  if (const absl::Time at = rollout.NextStart(); at != absl::InfiniteFuture()) {
    state_.start_timers.Set(at, what, job.start_timer_at);
  }
}

void Dispatcher::Expire(Job& job, Rollout& rollout) {
  const absl::Time now = state_.clock.Now();
  for (uint32_t task : rollout.TakeExpired(now)) {
    tasks_.Finish(job, task, v1::TASK_STATE_EXPIRED,
                  OfflineReason(state_.LastSeen(job.target(task)), now));
  }
}

void Dispatcher::EndAtLimit(Job& job, JobAttempt& attempt) {
  StopWaiting(job, attempt);
  if (!attempt.settings().rollout.stop_running || attempt.stopping ||
      attempt.unfinished == 0) {
    return;
  }
  Stop(job, attempt);
  journal_.AddSteering(job.number());
}

void Dispatcher::OnAssigned(const TaskReference& reference) {
  Job* job = state_.jobs.Find(reference.job);
  if (job == nullptr) return;
  Task& task = job->task(reference.task);
  if (!task.assigning) return;
  task.assigning = false;
  const JobAttempt& attempt = job->AttemptOf(reference.task);
  if (attempt.IsStopping(reference.task)) {
    AgentLink& link = state_.links.Get(job->target(reference.task));
    EraseUnordered(link.live, reference);
    tasks_.Finish(*job, reference.task, v1::TASK_STATE_SKIPPED,
                  attempt.SkipReasonOf(reference.task));
    return;
  }
  Send(*job, reference.task);
}

Assignment Dispatcher::MakeAssignment(Job& job, uint32_t index) {
  JobAttempt& attempt = job.AttemptOf(index);
  Assignment assignment;
  assignment.envelope = attempt.request().envelope;
  *assignment.rest.mutable_proof() = attempt.ProofOf(job.target(index));
  *assignment.rest.mutable_key() = job.KeyOf(index);
  assignment.rest.set_parameters(
      std::string(attempt.ParametersOf(job.target(index))));
  return assignment;
}

void Dispatcher::Send(Job& job, uint32_t index) {
  job.task(index).sent = true;
  const AgentLink& link = state_.links.Get(job.target(index));
  if (link.session == 0) return tasks_.Disconnect(job, index);
  tasks_.Change(job, index, v1::TASK_STATE_ASSIGNED);
  Assignment assignment = MakeAssignment(job, index);
  *assignment.rest.mutable_secrets() = job.AttemptOf(index).secrets();
  state_.effects.Assign(link.session, std::move(assignment));
  if (job.task(index).suspend) TellTarget(job, index);
}

void Dispatcher::Ask(Job& job, uint32_t index) {
  const AgentLink& link = state_.links.Get(job.target(index));
  Assignment question = MakeAssignment(job, index);
  question.rest.set_check_only(true);
  state_.effects.Assign(link.session, std::move(question));
}

void Dispatcher::StopWaiting(Job& job, JobAttempt& attempt) {
  for (uint32_t task : attempt.rollout.TakeAllWaiting()) {
    tasks_.Finish(job, task, v1::TASK_STATE_SKIPPED, attempt.SkipReason());
  }
}

void Dispatcher::StopStopped(Job& job, JobAttempt& attempt) {
  if (attempt.stopping || attempt.skipping) return StopWaiting(job, attempt);
  for (const auto& [task, rule] : attempt.stopped_tasks) {
    if (!attempt.rollout.TakeWaiting(task)) continue;
    tasks_.Finish(job, task, v1::TASK_STATE_SKIPPED,
                  attempt.SkipReasonOf(task));
  }
}

void Dispatcher::Stop(Job& job) {
  for (const auto& attempt : job.attempts()) {
    if (attempt->unfinished > 0 && !attempt->stopping) Stop(job, *attempt);
  }
}

void Dispatcher::Stop(Job& job, JobAttempt& attempt, const v1::StopRule& rule) {
  attempt.stopping = true;
  attempt.stop_rule = rule;
  // Whatever was said of single tasks.
  attempt.stopped_tasks.clear();
  StopWaiting(job, attempt);
  for (const uint32_t index : job.TasksOf(attempt.request())) {
    if (job.task(index).attempt == attempt.number()) TellTarget(job, index);
  }
}

void Dispatcher::StopTask(Job& job, uint32_t index, const v1::StopRule& rule) {
  JobAttempt& attempt = job.AttemptOf(index);
  attempt.stopped_tasks[index].rule = rule;
  if (attempt.rollout.TakeWaiting(index)) {
    tasks_.Finish(job, index, v1::TASK_STATE_SKIPPED,
                  attempt.SkipReasonOf(index));
  } else {
    TellTarget(job, index);
  }
}

void Dispatcher::EndTask(Job& job, uint32_t index, std::string_view reason) {
  JobAttempt& attempt = job.AttemptOf(index);
  if (IsFinal(job.task(index).state) || attempt.IsStopping(index)) return;
  attempt.stopped_tasks[index].reason = reason;
  StopTask(job, index, {});
  journal_.AddSteering(job.number());
  state_.DispatchLater(job);
}

void Dispatcher::TellTarget(Job& job, uint32_t index) {
  const Task& task = job.task(index);
  if (IsFinal(task.state) || !task.sent) return;
  AgentLink* link = state_.links.Find(job.target(index));
  if (link == nullptr || link->session == 0) return;
  directives_.Tell(*link, job, index);
}

}  // namespace tutti::controller
