#include "controller/cli/run/job_spec.h"

#include <algorithm>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/signing/envelope.h"

namespace tutti::cli {
namespace {

constexpr absl::Duration kLifeAtOnce = absl::Hours(1);
constexpr absl::Duration kLifeInTurns = absl::Hours(24);
constexpr absl::Duration kDefaultOfflineWait = absl::Hours(24);

absl::Duration OfflineWait(const RunOptions& options) {
  return options.expire.value_or(kDefaultOfflineWait);
}

absl::Duration Pauses(const RunPlan& plan, const ResolvedRun& run) {
  return PausesOf(plan.rollout, run.names.size(), run.at_once.number);
}

struct FieldOption {
  std::string_view field;
  std::string_view option;
};
constexpr FieldOption kFieldOptions[] = {
    {"environment", "--env"},
    {"secrets", "--secret"},
    {"user", "--user"},
    {"group", "--user"},
    {"working_directory", "--cwd"},
    {"timeout", "--timeout"},
    {"resource_limits", "--rlimit"},
    {"cgroup_limits", "--memory, --cpus, --max-processes"},
    {"terminal", "--tty"},
    {"condition", "--where"},
};

// An error of CheckSpec, which names a field, with the option in its place.
absl::Status InOptions(const absl::Status& error) {
  const std::string_view text = TextOf(error);
  for (const auto& [field, option] : kFieldOptions) {
    if (!text.starts_with(field) ||
        !text.substr(field.size()).starts_with(':')) {
      continue;
    }
    return absl::Status(error.code(),
                        fmt::format("{}{}", option, text.substr(field.size())));
  }
  return error;
}

// A job that is signed through a delegation ends with that, which may leave no
// time for what was asked for.
absl::StatusOr<absl::Time> EndOf(const RunOptions& options, const RunPlan& plan,
                                 const ResolvedRun& run, absl::Time now,
                                 absl::Duration life) {
  if (now + life <= run.signer_ends_at) return now + life;
  absl::Duration needed = Pauses(plan, run);
  if (options.offline == "wait") {
    needed += options.expire.value_or(absl::ZeroDuration());
  }
  const absl::Duration left = run.signer_ends_at - now;
  if (left > needed) return run.signer_ends_at;
  return InvalidArgument(
      "the delegation of this job ends in {}, the pauses and waiting that are "
      "asked for take {}; ask for less, or start the local job with a longer "
      "--delegate-for",
      tutti::FormatDuration(std::max(left, absl::ZeroDuration())),
      tutti::FormatDuration(needed));
}

}  // namespace

absl::Duration SpecLife(const RunOptions& options, const RunPlan& plan,
                        const ResolvedRun& run) {
  const bool in_turns = run.at_once.number < run.names.size() ||
                        plan.rollout.canary || plan.rollout.quorum ||
                        !plan.rollout.max_per_label.empty();
  absl::Duration life = in_turns ? kLifeInTurns : kLifeAtOnce;
  life += Pauses(plan, run);
  if (options.offline == "wait") life += OfflineWait(options);
  return life;
}

absl::StatusOr<v1::JobSpec> MakeSpec(const RunOptions& options,
                                     const RunPlan& plan,
                                     const ResolvedRun& run, absl::Time now) {
  const absl::Duration life = SpecLife(options, plan, run);
  if (life > kMaxSpecLife && Pauses(plan, run) > kMaxSpecLife / 2) {
    return InvalidArgument(
        "--canary-wait, --batch-wait, --start-rate and --splay make pauses of "
        "{} in all, a "
        "job is good for {} at most; make them shorter",
        tutti::FormatDuration(Pauses(plan, run)),
        tutti::FormatDuration(kMaxSpecLife));
  }
  if (life > kMaxSpecLife) {
    return InvalidArgument(
        "--expire: {} is too long, a job is good for {} at most; wait for less",
        tutti::FormatDuration(OfflineWait(options)),
        tutti::FormatDuration(kMaxSpecLife));
  }
  TUTTI_ASSIGN_OR_RETURN(const absl::Time end,
                         EndOf(options, plan, run, now, life));
  v1::JobSpec spec = plan.work;
  spec.MergeFrom(run.input);
  spec.set_fleet(run.fleet);
  spec.set_job_uuid(std::string(run.uuid.bytes()));
  spec.set_attempt(plan.attempt);
  *spec.mutable_issued_at() = ToProto(now);
  *spec.mutable_expires_at() = ToProto(end);
  const std::string expression = run.wanted.Description();
  spec.set_target_expression(expression.size() <= kLongestExpression
                                 ? expression
                                 : run.answer.targets());
  TUTTI_ASSIGN_OR_RETURN(const MerkleTree tree,
                         MakeTargetTree(run.names, run.parameters));
  spec.set_target_count(run.names.size());
  spec.set_targets_root(tree.root().data(), tree.root().size());
  TUTTI_RETURN_IF_ERROR(InOptions(CheckSpec(spec)));
  return spec;
}

absl::StatusOr<v1::StartJobRequest> MakeStartRequest(const RunOptions& options,
                                                     const RunPlan& plan,
                                                     const ResolvedRun& run,
                                                     const JobSigner& signer,
                                                     absl::Time now) {
  TUTTI_ASSIGN_OR_RETURN(const v1::JobSpec spec,
                         MakeSpec(options, plan, run, now));
  TUTTI_ASSIGN_OR_RETURN(const v1::Envelope envelope, SignSpec(spec, signer));
  v1::StartJobRequest request;
  request.set_envelope(envelope.SerializeAsString());
  request.set_targets(run.answer.targets());
  request.set_name(options.name);
  request.set_supersede(options.supersede);
  *request.mutable_parameters() = run.parameters;
  *request.mutable_secrets() = plan.secrets;
  if (const auto& fanout = plan.rollout.fanout) {
    request.set_fanout(fanout->RoundedUp(run.names.size()));
  }
  *request.mutable_rollout() = MakeRollout(plan.rollout, run.names.size());
  request.set_offline(plan.offline);
  if (plan.offline == v1::OFFLINE_POLICY_WAIT) {
    *request.mutable_offline_wait() = ToProto(OfflineWait(options));
  }
  if (plan.input.drop_slow_after) {
    *request.mutable_drop_slow_after() = ToProto(*plan.input.drop_slow_after);
  }
  if (options.deadline) {
    *request.mutable_deadline() = ToProto(*options.deadline);
  }
  if (options.lost_after) {
    *request.mutable_lost_after() = ToProto(*options.lost_after);
  }
  return request;
}

}  // namespace tutti::cli
