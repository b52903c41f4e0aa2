#include "controller/jobs/job_attempt.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/signing/envelope.h"

namespace tutti::controller {
namespace {

// A UUIDv7 ends in 62 random bits; the same attempt draws the same numbers.
RolloutOptions SeededOptions(const AttemptRequest& request, const Uuid& job) {
  RolloutOptions options = request.settings.rollout;
  for (const char byte : job.bytes().substr(Uuid::kSize / 2)) {
    options.splay_seed =
        options.splay_seed << 8 | static_cast<unsigned char>(byte);
  }
  options.splay_seed += request.number - 1;
  return options;
}

std::string QuorumReason(const Quorum& quorum, uint32_t needed) {
  if (quorum.tasks() - quorum.over() >= needed) {
    return fmt::format(
        "the quorum of {} was not reached while the job was valid", needed);
  }
  return fmt::format(
      "the quorum of {} can not be reached: {} of {} refused, are offline or "
      "were stopped",
      needed, quorum.over(), quorum.tasks());
}

}  // namespace

JobAttempt::JobAttempt(AttemptRequest request, const JobDescription& job,
                       uint32_t tasks, std::shared_ptr<const MerkleTree> tree)
    : rollout(SeededOptions(request, job.uuid), tasks),
      request_(std::move(request)),
      job_(job),
      settings_(request_.settings),
      tree_(std::move(tree)) {
  for (const uint32_t task : request_.offline_at_start) {
    if (task < tasks) rollout.NoteOfflineAtStart(task);
  }
}

v1::TargetProof JobAttempt::ProofOf(std::string_view target) {
  if (tree_ == nullptr) {
    // The names were checked to make a tree when the attempt came.
    absl::StatusOr<MerkleTree> tree =
        MakeTargetTree(request_.targets, job_.parameters);
    if (!tree.ok()) return {};
    tree_ = std::make_shared<const MerkleTree>(*std::move(tree));
  }
  const auto& targets = request_.targets;
  const auto found = std::lower_bound(targets.begin(), targets.end(), target);
  return MakeTargetProof(*tree_, found - targets.begin());
}

void JobAttempt::Change(const AttemptSettings& settings, absl::Time now) {
  // Nobody has approved of another canary.
  if (settings.rollout.canary != settings_.rollout.canary) approved = false;
  settings_ = settings;
  changed_ = true;
  rollout.SetOptions(settings.rollout, now);
}

const v1::StopRule& JobAttempt::StopRuleOf(uint32_t task) const {
  const auto found = stopped_tasks.find(task);
  return found == stopped_tasks.end() ? stop_rule : found->second.rule;
}

std::string_view JobAttempt::StopReasonOf(uint32_t task) const {
  const auto found = stopped_tasks.find(task);
  if (found == stopped_tasks.end()) return {};
  return found->second.reason;
}

std::string JobAttempt::SkipReason() const {
  switch (rollout.limit_reached()) {
    case Limit::kStopAfter:
      return fmt::format("--stop-after {} was reached",
                         settings_.rollout.stop_after);
    case Limit::kMaxFailures:
      return fmt::format("--max-failures {} was reached",
                         settings_.rollout.max_failures);
    case Limit::kQuorum:
      return QuorumReason(rollout.quorum(), settings_.rollout.quorum);
    case Limit::kNone:
      break;
  }
  if (secrets_lost) {
    return "its secrets were lost with the controller's restart; start the job "
           "anew";
  }
  if (superseded_by != 0) {
    return fmt::format("job {} superseded it", superseded_by);
  }
  return overdue ? "the job's deadline has passed" : "the job was stopped";
}

std::string JobAttempt::SkipReasonOf(uint32_t task) const {
  if (!stopped_tasks.contains(task)) return SkipReason();
  const std::string_view reason = StopReasonOf(task);
  return std::string(reason.empty() ? "it was stopped" : reason);
}

}  // namespace tutti::controller
