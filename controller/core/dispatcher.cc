#include "controller/core/dispatcher.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/states.h"
#include "common/signing/envelope.h"
#include "common/targets/node_set.h"

namespace tutti::controller {
namespace {

JobRequest MakeRequest(PreparedJob prepared, const Uuid& uuid,
                       const CoreSettings& settings, absl::Time now) {
  const v1::StartJobRequest& wish = prepared.request;
  JobRequest request;
  request.uuid = uuid;
  DescribeSpec(prepared.opened.spec, request);
  request.name = wish.name();
  request.operator_name = std::move(prepared.operator_name);
  request.started_at = now;
  request.rollout = ToRolloutOptions(
      wish.fanout() != 0 ? wish.fanout() : settings.default_fanout,
      wish.rollout());
  request.offline = wish.offline();
  request.offline_wait = ToDuration(wish.offline_wait());
  request.lost_after =
      wish.has_lost_after() ? ToDuration(wish.lost_after()) : kDefaultLostAfter;
  request.envelope = std::move(prepared.envelope);
  request.targets = std::move(prepared.targets);
  request.folded_targets = wish.targets();
  return request;
}

// What the tree says must be what was signed.
absl::Status CheckTree(const PreparedJob& prepared) {
  const v1::JobSpec& spec = prepared.opened.spec;
  const auto& root = prepared.tree->root();
  const std::string_view root_bytes(reinterpret_cast<const char*>(root.data()),
                                    root.size());
  if (prepared.targets.size() != spec.target_count() ||
      prepared.tree->leaf_count() != spec.target_count() ||
      root_bytes != spec.targets_root()) {
    return InvalidArgument(
        "the list of {} targets is not the one that was signed ({} targets); "
        "sign and send the same list",
        prepared.targets.size(), spec.target_count());
  }
  return absl::OkStatus();
}

// The job, and what of it starts at once.
JournalBatch MakeBatch(const Job& job, const std::vector<uint32_t>& assigned) {
  JournalBatch batch;
  JournalBatch::NewJob row;
  row.number = job.number();
  row.uuid = job.request().uuid;
  row.job = ToJournal(job.request());
  batch.new_jobs.push_back(std::move(row));
  batch.assigned.reserve(assigned.size());
  for (uint32_t task : assigned) {
    JournalBatch::Assigned assignment;
    assignment.job_number = job.number();
    assignment.task = task;
    assignment.attempt = job.request().attempt;
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
  absl::Status status = CheckTargets(prepared);
  if (status.ok()) status = CheckSpecTime(spec, state_.clock.Now());
  if (status.ok()) status = CheckRollout(prepared.request.rollout());
  if (status.ok()) status = retention_.MakeRoom(prepared.targets.size());
  if (!status.ok()) return reply(status);

  Job& job = AddJob(std::move(prepared), *uuid);
  waiting_[job.number()].push_back(std::move(reply));
  std::vector<uint32_t> assigned =
      job.rollout.TakeStartable(state_.steady.Now());
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

absl::Status Dispatcher::CheckTargets(const PreparedJob& prepared) const {
  if (prepared.opened.spec.fleet() != state_.fleet) {
    return InvalidArgument("the job is for fleet '{}', this is '{}'",
                           prepared.opened.spec.fleet(), state_.fleet);
  }
  TUTTI_RETURN_IF_ERROR(CheckTree(prepared));
  const std::vector<std::string>& known = state_.registry.names();
  std::vector<std::string> unknown;
  std::set_difference(prepared.targets.begin(), prepared.targets.end(),
                      known.begin(), known.end(), std::back_inserter(unknown));
  if (unknown.empty()) return absl::OkStatus();
  return InvalidArgument("no agent is called {}; see `tutti agent list`",
                         FoldNames(unknown));
}

void Dispatcher::AnswerExisting(Job& job, const std::string& envelope,
                                StartReply reply) {
  if (*job.request().envelope != envelope) {
    return reply(AlreadyExists(
        "another job has the UUID {}; give a new one, or leave --id out",
        job.request().uuid.ToString()));
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
  std::shared_ptr<const MerkleTree> tree = prepared.tree;
  JobRequest request = MakeRequest(std::move(prepared), uuid, state_.settings,
                                   state_.clock.Now());
  if (request.rollout.has_limit()) {
    request.offline_at_start = OfflineAmong(request.targets);
  }
  Job& job = state_.jobs.Add(std::make_unique<Job>(
      next_number_++, std::move(request), std::move(tree)));
  for (uint32_t task = 0; task < job.size(); ++task) AddPending(job, task);
  return job;
}

std::vector<uint32_t> Dispatcher::OfflineAmong(
    const std::vector<std::string>& targets) {
  std::vector<uint32_t> offline;
  for (uint32_t task = 0; task < targets.size(); ++task) {
    const AgentLink* link = state_.links.Find(targets[task]);
    if (link == nullptr || link->session == 0) offline.push_back(task);
  }
  return offline;
}

void Dispatcher::AddPending(Job& job, uint32_t task) {
  AgentLink& link = state_.links.Get(job.target(task));
  link.pending.push_back({job.number(), task});
  if (link.session != 0) {
    job.rollout.AddOnline(task);
  } else {
    job.rollout.AddOffline(task, state_.GiveUpAtFor(job, link.name));
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
  v1::StartJobResponse response;
  response.set_number(number);
  for (StartReply& reply : replies) {
    reply(response);
    response.set_existed(true);
  }
  for (uint32_t task : assigned) OnAssigned({number, task});
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
  Rollout& rollout = job.rollout;
  Expire(job);
  for (uint32_t task : rollout.TakeStartable(state_.steady.Now())) {
    Assign(job, task);
    journal_.AddAssigned({job.number(), task});
  }
  // Those whose turn has come just now.
  Expire(job);
  if (rollout.limit_reached() != Limit::kNone) EndAtLimit(job);
  const TaskReference what{job.number(), Timers::kRollout};
  if (const absl::Time at = rollout.NextExpiry();
      at != absl::InfiniteFuture()) {
    state_.timers.Set(at, what, job.timer_at);
  }
  if (const absl::Time at = rollout.NextStart(); at != absl::InfiniteFuture()) {
    state_.start_timers.Set(at, what, job.start_timer_at);
  }
}

void Dispatcher::Expire(Job& job) {
  const absl::Time now = state_.clock.Now();
  for (uint32_t task : job.rollout.TakeExpired(now)) {
    tasks_.Finish(job, task, v1::TASK_STATE_EXPIRED,
                  OfflineReason(state_.LastSeen(job.target(task)), now));
  }
}

void Dispatcher::EndAtLimit(Job& job) {
  StopWaiting(job);
  if (!job.request().rollout.stop_running || job.stopping || job.final()) {
    return;
  }
  Stop(job);
  journal_.AddSteering(job.number());
}

void Dispatcher::OnAssigned(const TaskReference& reference) {
  Job* job = state_.jobs.Find(reference.job);
  if (job == nullptr) return;
  Task& task = job->task(reference.task);
  if (!task.assigning) return;
  task.assigning = false;
  if (job->stopping) {
    AgentLink& link = state_.links.Get(job->target(reference.task));
    EraseUnordered(link.live, reference);
    tasks_.Finish(*job, reference.task, v1::TASK_STATE_SKIPPED,
                  job->SkipReason());
    return;
  }
  Send(*job, reference.task);
}

void Dispatcher::Send(Job& job, uint32_t index) {
  job.task(index).sent = true;
  const AgentLink& link = state_.links.Get(job.target(index));
  if (link.session == 0) return tasks_.Disconnect(job, index);
  tasks_.Change(job, index, v1::TASK_STATE_ASSIGNED);
  Assignment assignment;
  assignment.envelope = job.request().envelope;
  assignment.proof = job.ProofOf(index);
  assignment.key = job.KeyOf(index);
  state_.effects.Assign(link.session, std::move(assignment));
}

void Dispatcher::StopWaiting(Job& job) {
  for (uint32_t task : job.rollout.TakeAllWaiting()) {
    tasks_.Finish(job, task, v1::TASK_STATE_SKIPPED, job.SkipReason());
  }
}

void Dispatcher::Stop(Job& job) {
  job.stopping = true;
  StopWaiting(job);
  for (uint32_t index = 0; index < job.size(); ++index) {
    const Task& task = job.task(index);
    if (IsFinal(task.state) || !task.sent) continue;
    AgentLink* link = state_.links.Find(job.target(index));
    if (link == nullptr || link->session == 0) continue;
    directives_.Queue(*link, job, index);
    directives_.Flush(*link);
  }
}

}  // namespace tutti::controller
