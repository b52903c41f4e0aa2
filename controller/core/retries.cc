#include "controller/core/retries.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/states.h"
#include "common/signing/work_digest.h"
#include "controller/core/label_limits.h"
#include "controller/core/prepared_job.h"

namespace tutti::controller {
namespace {

constexpr size_t kMaxAttempts = 1000;
// Of all attempts of a job.
constexpr size_t kMaxEnvelopeBytes = 64 << 20;

size_t EnvelopeBytes(const Job& job) {
  size_t bytes = 0;
  for (const auto& attempt : job.attempts()) {
    bytes += attempt->request().envelope->size();
  }
  return bytes;
}

bool HasItsParameters(const Job& job, const PreparedJob& prepared) {
  const ParameterList& own = job.description().parameters;
  const ParameterList& sent = prepared.request.parameters();
  return std::all_of(prepared.targets.begin(), prepared.targets.end(),
                     [&](const std::string& target) {
                       return ParametersOf(own, target) ==
                              ParametersOf(sent, target);
                     });
}

absl::Status CameFirst(const Job& job, uint32_t attempt) {
  return MakeError(absl::StatusCode::kAborted,
                   "another retry of job {} came first (attempt {}); look at "
                   "`tutti job show {}`, then try again",
                   job.number(), attempt, job.number());
}

}  // namespace

void Retries::Start(PreparedJob prepared, Reply<v1::StartJobResponse> reply) {
  const v1::JobSpec& spec = prepared.opened.spec;
  const absl::StatusOr<Uuid> uuid = Uuid::FromBytes(spec.job_uuid());
  if (!uuid.ok()) return reply(uuid.status());
  Job* job = state_.jobs.Find(*uuid);
  if (job == nullptr || !job->committed) {
    return reply(NotFound(
        "there is no job {} to try again; start it anew with `tutti run`",
        uuid->ToString()));
  }
  const uint64_t number = job->number();
  if (spec.attempt() <= job->attempts().size()) {
    const AttemptRequest& earlier =
        job->attempts()[spec.attempt() - 1]->request();
    if (*earlier.envelope != *prepared.envelope) {
      return reply(CameFirst(*job, spec.attempt()));
    }
    v1::StartJobResponse response;
    response.set_number(number);
    response.set_existed(true);
    return reply(std::move(response));
  }
  if (const auto found = pending_.find(number); found != pending_.end()) {
    Pending& pending = *found->second;
    if (*pending.request.envelope != *prepared.envelope) {
      return reply(CameFirst(*job, pending.request.number));
    }
    pending.replies.push_back(std::move(reply));
    return;
  }
  if (const absl::Status status = Check(*job, prepared); !status.ok()) {
    return reply(status);
  }
  auto pending = std::make_unique<Pending>();
  pending->tree = prepared.tree;
  pending->secrets = std::move(*prepared.request.mutable_secrets());
  pending->request = TakeAttempt(prepared, state_.settings, state_.clock.Now());
  const std::vector<uint32_t> tasks = job->TasksOf(pending->request);
  for (const uint32_t place :
       dispatcher_.OfflineAmong(pending->request.targets)) {
    pending->request.offline_at_start.push_back(tasks[place]);
  }
  pending->replies.push_back(std::move(reply));
  JournalBatch batch;
  batch.new_attempts.push_back(
      {number, pending->request.number, ToJournal(pending->request)});
  pending_[number] = std::move(pending);
  state_.effects.Commit(std::move(batch),
                        [this, number](const absl::Status& status) {
                          OnCommitted(number, status);
                          state_.settle();
                        });
}

absl::Status Retries::CheckNonePending(const Job& job) const {
  if (!pending_.contains(job.number())) return absl::OkStatus();
  return Unavailable("job {} is just being tried again; try again",
                     job.number());
}

absl::Status Retries::Check(const Job& job, const PreparedJob& prepared) const {
  TUTTI_RETURN_IF_ERROR(CheckPrepared(prepared, state_.fleet, state_.settings,
                                      state_.clock.Now()));
  TUTTI_RETURN_IF_ERROR(CheckDelegatingJob(prepared, state_.jobs));
  const v1::JobSpec& spec = prepared.opened.spec;
  const size_t next = job.attempts().size() + 1;
  if (spec.attempt() != next) {
    return InvalidArgument(
        "attempt {} of job {} was signed, the next one is {}; sign that",
        spec.attempt(), job.number(), next);
  }
  if (next > kMaxAttempts ||
      EnvelopeBytes(job) + prepared.envelope->size() > kMaxEnvelopeBytes) {
    return ResourceExhausted(
        "job {} was tried {} times already; start it anew with `tutti run`",
        job.number(), job.attempts().size());
  }
  if (state_.jobs.task_count() + prepared.targets.size() >
      state_.settings.max_tasks) {
    return ResourceExhausted(
        "no room for {} tasks beside {}; remove jobs with `tutti job remove`, "
        "or raise max_tasks",
        prepared.targets.size(), state_.jobs.task_count());
  }
  if (WorkDigest(spec) != job.description().work_digest ||
      !HasItsParameters(job, prepared)) {
    return InvalidArgument(
        "a retry of job {} has to do the same as the job ({}); start another "
        "job with `tutti run`",
        job.number(), job.description().summary);
  }
  if (const auto& delegation = prepared.opened.delegation;
      delegation.has_value() &&
      job.first_request().delegating_job != delegation->job) {
    return NotOfDelegation(job);
  }
  if (job.remove_when_final) {
    return FailedPrecondition("job {} is being removed; start it anew",
                              job.number());
  }
  TUTTI_RETURN_IF_ERROR(
      CheckLabelLimits(state_.registry, prepared.targets,
                       prepared.request.rollout().max_per_label()));
  return CheckTasks(job, prepared.targets);
}

absl::Status Retries::CheckTasks(
    const Job& job, const std::vector<std::string>& targets) const {
  bool durable = true;
  for (const std::string& target : targets) {
    const std::optional<uint32_t> index = job.IndexOf(target);
    if (!index.has_value()) {
      return InvalidArgument(
          "{} is no target of job {}; look at `tutti job show {}`", target,
          job.number(), job.number());
    }
    const Task& task = job.task(*index);
    if (!IsFinal(task.state)) {
      return FailedPrecondition(
          "{} is not over in job {} ({}); wait for it, or stop it first",
          target, job.number(), StateName(task.state));
    }
    const AgentLink* link = state_.links.Find(target);
    if (task.late && link != nullptr && link->session != 0) {
      return FailedPrecondition(
          "{} is back and says how job {} ended there; wait for that", target,
          job.number());
    }
    if (state_.registry.Find(target) == nullptr) {
      return InvalidArgument(
          "no agent is called {} any more; leave it out with -t", target);
    }
    durable = durable && task.durable();
  }
  if (durable) return absl::OkStatus();
  return Unavailable(
      "how job {} ended is on its way into the journal; try again",
      job.number());
}

void Retries::OnCommitted(uint64_t number, const absl::Status& status) {
  const auto node = pending_.extract(number);
  Pending& pending = *node.mapped();
  Job* job = state_.jobs.Find(number);
  absl::Status result = status;
  if (result.ok() && job == nullptr) {
    result = NotFound("job {} was removed; start it anew", number);
  }
  if (result.ok()) TakeUp(*job, pending);
  v1::StartJobResponse response;
  response.set_number(number);
  for (auto& reply : pending.replies) {
    if (result.ok()) {
      reply(response);
      response.set_existed(true);
    } else {
      reply(result);
    }
  }
}

void Retries::TakeUp(Job& job, Pending& pending) {
  const std::vector<uint32_t> tasks = job.TasksOf(pending.request);
  for (const uint32_t task : tasks) {
    // What the target is still to hear of the attempt that is over.
    if (!job.task(task).directive_due) continue;
    directives_.Flush(state_.links.Get(job.target(task)));
  }
  if (job.final()) {
    // A hold or suspension that the job ended under is over with it.
    job.SetHeld(false);
    job.SetSuspended(false);
    state_.jobs.NoteReopened(job);
  }
  state_.jobs.NoteTasks(tasks.size());
  JobAttempt& attempt =
      job.AddAttempt(std::move(pending.request), std::move(pending.tree));
  ApplyLabelLimits(state_.registry, job, attempt);
  attempt.KeepSecrets(std::move(pending.secrets));
  journal_.AddSteering(job.number());
  for (const uint32_t task : tasks) {
    tasks_.ForgetAwaited(job, task);
    dispatcher_.AddPending(job, task);
    watches_.TaskChanged(job, task);
  }
  watches_.JobChanged(job);
  state_.CheckReaderLater(job);
  state_.DispatchLater(job);
}

}  // namespace tutti::controller
