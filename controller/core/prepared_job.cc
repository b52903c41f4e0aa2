#include "controller/core/prepared_job.h"

#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/job_selector.h"
#include "common/signing/delegation.h"
#include "common/signing/envelope.h"

namespace tutti::controller {
namespace {

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

// All targets read one stream at once: none may wait for another to end, or for
// one that is not there.
absl::Status CheckInput(const PreparedJob& prepared) {
  const v1::StartJobRequest& wish = prepared.request;
  if (!prepared.opened.spec.input().has_stream()) {
    if (!wish.has_drop_slow_after()) return absl::OkStatus();
    return InvalidArgument(
        "drop_slow_after is for a job that takes input; leave it out");
  }
  if (wish.has_drop_slow_after() &&
      ToDuration(wish.drop_slow_after()) <= absl::ZeroDuration()) {
    return InvalidArgument("drop_slow_after is no time; give a longer one");
  }
  const v1::Rollout& rollout = wish.rollout();
  if (wish.fanout() != 0 || rollout.batch() != 0 || rollout.canary() != 0 ||
      ToDuration(rollout.start_interval()) > absl::ZeroDuration() ||
      ToDuration(rollout.splay()) > absl::ZeroDuration() ||
      rollout.max_failures() != 0 || rollout.max_per_label_size() > 0 ||
      wish.offline() == v1::OFFLINE_POLICY_WAIT) {
    return InvalidArgument(
        "input goes to all targets at once; leave out what makes them take "
        "turns or wait (fan-out, batches, a canary, pauses, max_failures, "
        "offline targets)");
  }
  return absl::OkStatus();
}

absl::Status CheckQuorum(const PreparedJob& prepared) {
  const uint32_t quorum = prepared.request.rollout().quorum();
  if (quorum != 0 && prepared.opened.spec.attempt() > 1) {
    return InvalidArgument(
        "rollout.quorum: a retry can have none; leave it out");
  }
  if (quorum > prepared.targets.size()) {
    return InvalidArgument(
        "rollout.quorum: {} of {} targets can not accept; send {} or less",
        quorum, prepared.targets.size(), prepared.targets.size());
  }
  return absl::OkStatus();
}

absl::Status CheckTargetCount(const PreparedJob& prepared,
                              const CoreSettings& settings) {
  const auto own = settings.operator_max_targets.find(prepared.operator_name);
  const bool has_own = own != settings.operator_max_targets.end();
  const uint32_t most = has_own ? own->second : settings.max_targets;
  if (most == 0 || prepared.targets.size() <= most) return absl::OkStatus();
  return PermissionDenied(
      "{} targets are more than a job of {} may have ({} {}); choose fewer, or "
      "have the controller's setting changed",
      prepared.targets.size(),
      has_own ? "operator " + prepared.operator_name : "this fleet",
      has_own ? "operator_max_targets" : "max_targets", most);
}

}  // namespace

absl::Status CheckDelegatingJob(const Uuid& uuid,
                                std::string_view operator_name,
                                JobTable& jobs) {
  const Job* job = jobs.Find(uuid);
  if (job != nullptr && job->committed && !job->final() &&
      !job->newest_attempt().stopping &&
      job->first_request().operator_name == operator_name) {
    return absl::OkStatus();
  }
  return FailedPrecondition(
      "the job that this delegation is of has ended ({}); start it anew",
      uuid.ToString());
}

absl::Status CheckDelegatingJob(const PreparedJob& prepared, JobTable& jobs) {
  if (!prepared.opened.delegation.has_value()) return absl::OkStatus();
  return CheckDelegatingJob(prepared.opened.delegation->job,
                            prepared.operator_name, jobs);
}

absl::Status NotOfDelegation(const Job& job) {
  return PermissionDenied(
      "job {} was not started through this delegation; do it outside of the "
      "job, with an operator's certificate",
      job.number());
}

absl::Status CheckPrepared(const PreparedJob& prepared, std::string_view fleet,
                           const CoreSettings& settings, absl::Time now) {
  const v1::JobSpec& spec = prepared.opened.spec;
  if (spec.fleet() != fleet) {
    return InvalidArgument("the job is for fleet '{}', this is '{}'",
                           spec.fleet(), fleet);
  }
  TUTTI_RETURN_IF_ERROR(CheckTree(prepared));
  TUTTI_RETURN_IF_ERROR(CheckTargetCount(prepared, settings));
  TUTTI_RETURN_IF_ERROR(CheckSpecTime(spec, now));
  const v1::StartJobRequest& wish = prepared.request;
  if ((wish.has_deadline() &&
       ToDuration(wish.deadline()) <= absl::ZeroDuration()) ||
      ToDuration(wish.lost_after()) < absl::ZeroDuration()) {
    return InvalidArgument(
        "a deadline of 0 or less, or a negative lost_after, leaves no time; "
        "give a longer one, or none");
  }
  TUTTI_RETURN_IF_ERROR(CheckInput(prepared));
  if (spec.attempt() > 1 && Delegates(spec)) {
    return InvalidArgument(
        "a job that has a delegation is not tried again, its key is gone; "
        "start it anew");
  }
  if (!wish.name().empty()) {
    TUTTI_RETURN_IF_ERROR(CheckJobName(wish.name()));
  }
  TUTTI_RETURN_IF_ERROR(CheckQuorum(prepared));
  return CheckRollout(prepared.request.rollout());
}

AttemptRequest TakeAttempt(PreparedJob& prepared, const CoreSettings& settings,
                           absl::Time now) {
  const v1::StartJobRequest& wish = prepared.request;
  AttemptRequest attempt;
  DescribeSpec(prepared.opened.spec, attempt);
  attempt.operator_name = std::move(prepared.operator_name);
  if (prepared.opened.delegation.has_value()) {
    attempt.delegating_job = prepared.opened.delegation->job;
  }
  attempt.started_at = now;
  uint32_t fanout = wish.fanout();
  // Input goes to all at once.
  if (fanout == 0 && !prepared.opened.spec.input().has_stream()) {
    fanout = settings.default_fanout;
  }
  attempt.settings.rollout = ToRolloutOptions(fanout, wish.rollout());
  if (wish.has_lost_after()) {
    attempt.settings.lost_after = ToDuration(wish.lost_after());
  }
  if (wish.has_deadline()) {
    attempt.settings.deadline_at = now + ToDuration(wish.deadline());
  }
  attempt.offline = wish.offline();
  attempt.offline_wait = ToDuration(wish.offline_wait());
  attempt.envelope = std::move(prepared.envelope);
  attempt.targets = std::move(prepared.targets);
  attempt.folded_targets = wish.targets();
  return attempt;
}

}  // namespace tutti::controller
