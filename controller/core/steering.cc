#include "controller/core/steering.h"

#include <signal.h>

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/job_selector.h"
#include "common/jobs/states.h"
#include "controller/core/journal_queue.h"
#include "controller/core/label_limits.h"
#include "controller/core/target_resolution.h"

namespace tutti::controller {
namespace {

// Longer would be no end.
constexpr absl::Duration kLongestGrace = absl::Hours(1);

absl::Status CheckNotFinal(const Job& job) {
  if (!job.final()) return absl::OkStatus();
  return FailedPrecondition("job {} is over ({}); look at `tutti job show {}`",
                            job.number(), StateName(job.state()), job.number());
}

absl::Status CheckRule(const v1::StopRule& rule) {
  if (rule.signal() < 0 || rule.signal() > SIGRTMAX) {
    return InvalidArgument("there is no signal {}; give one from 1 to {}",
                           rule.signal(), SIGRTMAX);
  }
  const absl::Duration grace = ToDuration(rule.grace());
  if (grace < absl::ZeroDuration() || grace > kLongestGrace) {
    return InvalidArgument(
        "a grace time of {} is not between 0s and {}; choose another one",
        tutti::FormatDuration(grace), tutti::FormatDuration(kLongestGrace));
  }
  return absl::OkStatus();
}

// In an attempt whose tasks run on targets.
bool HasStarted(const Task& task) {
  return !IsFinal(task.state) && task.state != v1::TASK_STATE_PENDING;
}

void Change(const v1::SetJobRequest& request, RolloutOptions& rollout) {
  if (request.has_fanout()) rollout.fanout = request.fanout();
  if (request.has_batch()) rollout.batch = request.batch();
  if (request.has_batch_wait()) {
    rollout.batch_wait = ToDuration(request.batch_wait());
  }
  if (request.has_start_interval()) {
    rollout.start_interval = ToDuration(request.start_interval());
  }
  if (request.has_splay()) rollout.splay = ToDuration(request.splay());
  if (request.has_stop_after()) rollout.stop_after = request.stop_after();
  if (request.has_max_failures()) rollout.max_failures = request.max_failures();
  // Both are about a limit.
  if (!rollout.has_limit()) {
    rollout.stop_running = rollout.count_offline = false;
  }
  if (request.has_stop_running()) rollout.stop_running = request.stop_running();
  if (request.has_count_offline()) {
    rollout.count_offline = request.count_offline();
  }
  if (request.has_canary()) rollout.canary = request.canary();
  if (request.has_canary_wait()) {
    rollout.canary_wait = ToDuration(request.canary_wait());
  }
  if (request.has_quorum()) rollout.quorum = request.quorum();
  for (const v1::MaxPerLabel& limit : request.max_per_label()) {
    std::erase_if(rollout.max_per_label, [&limit](const LabelLimit& other) {
      return other.label == limit.label();
    });
    if (limit.max() == 0) continue;
    rollout.max_per_label.push_back({limit.label(), limit.max()});
  }
}

// Of a job with retries: the newest that goes on.
JobAttempt& UnfinishedAttempt(Job& job) {
  const auto found =
      std::find_if(job.attempts().rbegin(), job.attempts().rend(),
                   [](const auto& attempt) { return attempt->unfinished > 0; });
  return found == job.attempts().rend() ? job.newest_attempt() : **found;
}

// What is over can not be changed.
absl::Status CheckStages(const v1::SetJobRequest& request, const Job& job,
                         const JobAttempt& attempt) {
  const Rollout& rollout = attempt.rollout;
  const uint32_t canary = request.canary();
  if (canary > 0 && canary < rollout.started()) {
    return FailedPrecondition(
        "--canary {}: {} tasks of job {} have started or have their turn; give "
        "{} or more, or none to let the others follow",
        canary, rollout.started(), job.number(), rollout.started());
  }
  if (!request.has_quorum()) return absl::OkStatus();
  if (!rollout.quorum().open()) {
    return FailedPrecondition(
        "--quorum: job {} waits for none; leave it out, or look at `tutti job "
        "show {}`",
        job.number(), job.number());
  }
  const uint32_t left = rollout.quorum().tasks() - rollout.quorum().over();
  if (request.quorum() > left) {
    return FailedPrecondition(
        "--quorum {}: only {} targets of job {} can still accept; give no more "
        "than that",
        request.quorum(), left, job.number());
  }
  return absl::OkStatus();
}

// A pause needs what it is a pause of.
absl::Status CheckPauses(const v1::SetJobRequest& request,
                         const RolloutOptions& rollout) {
  if (request.has_batch_wait() && rollout.batch == 0) {
    return InvalidArgument(
        "--batch-wait is the pause between batches, and the job has none; add "
        "--batch N, or leave it out");
  }
  if (request.has_canary_wait() && rollout.canary == 0) {
    return InvalidArgument(
        "--canary-wait is the pause after the canary, and the job has none; "
        "add --canary N, or leave it out");
  }
  return absl::OkStatus();
}

absl::StatusOr<AttemptSettings> Changed(const v1::SetJobRequest& request,
                                        AttemptSettings settings,
                                        absl::Time now) {
  Change(request, settings.rollout);
  TUTTI_RETURN_IF_ERROR(CheckPauses(request, settings.rollout));
  TUTTI_RETURN_IF_ERROR(CheckRollout(ToRolloutProto(settings.rollout)));
  if (request.has_lost_after()) {
    settings.lost_after = ToDuration(request.lost_after());
  }
  const absl::Duration deadline = ToDuration(request.deadline());
  if (settings.lost_after < absl::ZeroDuration() ||
      deadline < absl::ZeroDuration()) {
    return InvalidArgument("a duration is below 0; give one of 0s or more");
  }
  if (request.has_deadline()) {
    settings.deadline_at = deadline == absl::ZeroDuration()
                               ? absl::InfiniteFuture()
                               : now + deadline;
  }
  return settings;
}

bool ChangesSettings(const v1::SetJobRequest& request) {
  v1::SetJobRequest others = request;
  others.clear_job();
  others.clear_name();
  return others.ByteSizeLong() > 0;
}

}  // namespace

template <typename Response>
void Steering::CommitAndReply(const Job& job, Response response,
                              Reply<Response> reply) {
  JournalBatch batch;
  batch.steering = SteeringRows(job);
  state_.effects.Commit(
      std::move(batch),
      [reply = std::move(reply),
       response = std::move(response)](const absl::Status& status) mutable {
        if (!status.ok()) return reply(status);
        reply(std::move(response));
      });
}

void Steering::HoldJob(std::string_view operator_name,
                       const v1::HoldJobRequest& request,
                       Reply<v1::HoldJobResponse> reply) {
  absl::StatusOr<Job*> found = state_.jobs.Select(request.job(), operator_name);
  if (!found.ok()) return reply(found.status());
  Job& job = **found;
  if (job.final() || job.held() == request.hold()) {
    return reply(v1::HoldJobResponse());
  }
  job.SetHeld(request.hold());
  watches_.JobChanged(job);
  state_.DispatchLater(job);
  CommitAndReply(job, v1::HoldJobResponse(), std::move(reply));
}

void Steering::ApproveJob(std::string_view operator_name,
                          const v1::ApproveJobRequest& request,
                          Reply<v1::ApproveJobResponse> reply) {
  absl::StatusOr<Job*> found = state_.jobs.Select(request.job(), operator_name);
  if (!found.ok()) return reply(found.status());
  Job& job = **found;
  v1::ApproveJobResponse response;
  response.set_number(job.number());
  // Of a job with retries, the one that waits.
  const auto waits = std::find_if(
      job.attempts().rbegin(), job.attempts().rend(), [](const auto& attempt) {
        return attempt->unfinished > 0 && attempt->rollout.MayApprove();
      });
  if (waits == job.attempts().rend()) {
    if (job.newest_attempt().approved) return reply(std::move(response));
    return reply(FailedPrecondition(
        "job {} does not wait for approval ({}); look at `tutti job show {}`",
        job.number(), StateName(job.state()), job.number()));
  }
  (*waits)->approved = true;
  (*waits)->rollout.Approve();
  watches_.JobChanged(job);
  state_.DispatchLater(job);
  CommitAndReply(job, std::move(response), std::move(reply));
}

void Steering::StopJob(std::string_view operator_name,
                       const v1::StopJobRequest& request,
                       Reply<v1::StopJobResponse> reply) {
  absl::StatusOr<Job*> found = state_.jobs.Select(request.job(), operator_name);
  if (!found.ok()) return reply(found.status());
  Job& job = **found;
  const auto tasks = SelectTasks(state_, operator_name, job, request.targets());
  if (!tasks.ok()) return reply(tasks.status());
  if (absl::Status good = CheckRule(request.rule()); !good.ok()) {
    return reply(std::move(good));
  }
  if (absl::Status none = retries_.CheckNonePending(job); !none.ok()) {
    return reply(std::move(none));
  }
  v1::StopJobResponse response;
  if (job.final()) {
    *response.mutable_job() = job.Describe(/*with_targets=*/false);
    return reply(std::move(response));
  }
  StopTasks(job, *tasks, request, response);
  *response.mutable_job() = job.Describe(/*with_targets=*/false);
  CommitAndReply(job, std::move(response), std::move(reply));
}

void Steering::StopTasks(Job& job, const std::vector<uint32_t>& tasks,
                         const v1::StopJobRequest& request,
                         v1::StopJobResponse& response) {
  for (const uint32_t index : tasks) {
    const Task& task = job.task(index);
    if (task.state == v1::TASK_STATE_PENDING) {
      response.set_skipped_count(response.skipped_count() + 1);
    } else if (!IsFinal(task.state) && !request.pending_only()) {
      response.set_ending_count(response.ending_count() + 1);
    }
  }
  if (request.targets().empty()) return StopAll(job, request);
  for (const uint32_t index : tasks) {
    if (IsFinal(job.task(index).state)) continue;
    if (request.pending_only() && HasStarted(job.task(index))) continue;
    dispatcher_.StopTask(job, index, request.rule());
  }
  state_.DispatchLater(job);
}

void Steering::StopAll(Job& job, const v1::StopJobRequest& request) {
  for (const auto& attempt : job.attempts()) {
    if (attempt->unfinished == 0) continue;
    if (request.pending_only()) {
      attempt->skipping = true;
      dispatcher_.StopWaiting(job, *attempt);
    } else {
      dispatcher_.Stop(job, *attempt, request.rule());
    }
  }
}

void Steering::SuspendJob(std::string_view operator_name,
                          const v1::SuspendJobRequest& request,
                          Reply<v1::SuspendJobResponse> reply) {
  absl::StatusOr<Job*> found = state_.jobs.Select(request.job(), operator_name);
  if (!found.ok()) return reply(found.status());
  Job& job = **found;
  const auto tasks = SelectTasks(state_, operator_name, job, request.targets());
  if (!tasks.ok()) return reply(tasks.status());
  if (absl::Status good = CheckNotFinal(job); !good.ok()) {
    return reply(std::move(good));
  }
  const bool suspend = request.suspend();
  v1::SuspendJobResponse response;
  response.set_number(job.number());
  if (request.targets().empty()) job.SetSuspended(suspend);
  for (const uint32_t index : *tasks) {
    Task& task = job.task(index);
    if (task.state == v1::TASK_STATE_PENDING) {
      response.set_pending_count(response.pending_count() + 1);
    }
    if (!HasStarted(task) || task.suspend == suspend) continue;
    task.suspend = suspend;
    response.set_count(response.count() + 1);
    dispatcher_.TellTarget(job, index);
  }
  watches_.JobChanged(job);
  state_.DispatchLater(job);
  CommitAndReply(job, std::move(response), std::move(reply));
}

void Steering::SetJob(std::string_view operator_name,
                      const v1::SetJobRequest& request,
                      Reply<v1::SetJobResponse> reply) {
  absl::StatusOr<Job*> found = state_.jobs.Select(request.job(), operator_name);
  if (!found.ok()) return reply(found.status());
  Job& job = **found;
  if (!request.name().empty()) {
    if (absl::Status good = CheckJobName(request.name()); !good.ok()) {
      return reply(std::move(good));
    }
  }
  const bool settings = ChangesSettings(request);
  if (!settings && !request.has_name()) {
    return reply(InvalidArgument(
        "nothing is to be changed; see `tutti job set --help`"));
  }
  if (settings) {
    if (absl::Status good = ChangeSettings(request, job); !good.ok()) {
      return reply(std::move(good));
    }
  }
  if (request.has_name()) job.Rename(request.name());
  watches_.JobChanged(job);
  v1::SetJobResponse response;
  *response.mutable_job() = job.Describe(/*with_targets=*/false);
  CommitAndReply(job, std::move(response), std::move(reply));
}

void Steering::RemoveJob(std::string_view operator_name,
                         const v1::RemoveJobRequest& request,
                         Reply<v1::RemoveJobResponse> reply) {
  absl::StatusOr<Job*> found = state_.jobs.Select(request.job(), operator_name);
  if (!found.ok()) return reply(found.status());
  Job& job = **found;
  if (absl::Status none = retries_.CheckNonePending(job); !none.ok()) {
    return reply(std::move(none));
  }
  v1::RemoveJobResponse response;
  response.set_number(job.number());
  if (job.final()) {
    retention_.Remove(job);
    return reply(std::move(response));
  }
  if (!request.force()) {
    return reply(FailedPrecondition(
        "job {} is not final ({}); wait for it, or give --force to stop it",
        job.number(), StateName(job.state())));
  }
  if (std::exchange(job.remove_when_final, true)) {
    return reply(std::move(response));
  }
  dispatcher_.Stop(job);
  CommitAndReply(job, std::move(response), std::move(reply));
}

absl::Status Steering::ChangeSettings(const v1::SetJobRequest& request,
                                      Job& job) {
  TUTTI_RETURN_IF_ERROR(CheckNotFinal(job));
  JobAttempt& attempt = UnfinishedAttempt(job);
  TUTTI_ASSIGN_OR_RETURN(
      const AttemptSettings changed,
      Changed(request, attempt.settings(), state_.clock.Now()));
  TUTTI_RETURN_IF_ERROR(CheckLabels(request, job, attempt));
  TUTTI_RETURN_IF_ERROR(CheckStages(request, job, attempt));
  attempt.Change(changed, state_.steady.Now());
  if (!request.max_per_label().empty()) {
    ApplyLabelLimits(state_.registry, job, attempt);
  }
  WatchLinks(job, attempt);
  state_.DispatchLater(job);
  return absl::OkStatus();
}

absl::Status Steering::CheckLabels(const v1::SetJobRequest& request,
                                   const Job& job,
                                   const JobAttempt& attempt) const {
  for (const v1::MaxPerLabel& limit : request.max_per_label()) {
    if (limit.max() > 0) continue;
    const auto& present = attempt.settings().rollout.max_per_label;
    if (std::none_of(present.begin(), present.end(),
                     [&limit](const LabelLimit& other) {
                       return other.label == limit.label();
                     })) {
      return InvalidArgument(
          "job {} has no limit by '{}'; give one that it has", job.number(),
          limit.label());
    }
  }
  if (request.max_per_label().empty()) return absl::OkStatus();
  std::vector<std::string> targets;
  for (const uint32_t task : job.TasksOf(attempt.request())) {
    if (!IsFinal(job.task(task).state)) targets.push_back(job.target(task));
  }
  return CheckLabelLimits(state_.registry, targets, request.max_per_label());
}

void Steering::WatchLinks(Job& job, const JobAttempt& attempt) {
  for (const uint32_t task : job.TasksOf(attempt.request())) {
    if (job.task(task).attempt == attempt.number() &&
        job.task(task).state == v1::TASK_STATE_DISCONNECTED) {
      tasks_.WatchLink(job, task);
    }
  }
}

}  // namespace tutti::controller
