#include "controller/jobs/job.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/states.h"
#include "common/jobs/work_summary.h"
#include "common/signing/envelope.h"
#include "common/signing/work_digest.h"
#include "common/targets/node_set.h"

namespace tutti::controller {
namespace {

// A UUIDv7 ends in 62 random bits; the same job draws the same numbers.
RolloutOptions SeededOptions(const JobRequest& request) {
  RolloutOptions options = request.rollout;
  for (const char byte : request.uuid.bytes().substr(Uuid::kSize / 2)) {
    options.splay_seed =
        options.splay_seed << 8 | static_cast<unsigned char>(byte);
  }
  return options;
}

}  // namespace

void DescribeSpec(const v1::JobSpec& spec, JobRequest& request) {
  request.attempt = spec.attempt();
  request.kind = KindName(spec);
  request.summary = WorkSummary(spec);
  request.work_digest = WorkDigest(spec);
  request.user = spec.user();
  request.target_expression = spec.target_expression();
  request.expires_at = ToTime(spec.expires_at());
}

absl::StatusOr<JobRequest> RequestOf(const storage::v1::JournaledJob& stored) {
  JobRequest request;
  v1::Envelope envelope;
  v1::JobSpec spec;
  if (!envelope.ParseFromString(stored.envelope()) ||
      !spec.ParseFromString(envelope.spec())) {
    return DataLoss("its envelope is damaged; restore the journal from a copy");
  }
  TUTTI_ASSIGN_OR_RETURN(request.uuid, Uuid::FromBytes(spec.job_uuid()));
  TUTTI_ASSIGN_OR_RETURN(request.targets, ExpandNames(stored.targets()));
  if (request.targets.size() != spec.target_count()) {
    return DataLoss(
        "its list of targets is damaged; restore the journal from "
        "a copy");
  }
  DescribeSpec(spec, request);
  request.envelope = std::make_shared<const std::string>(stored.envelope());
  request.folded_targets = stored.targets();
  request.name = stored.name();
  request.operator_name = stored.operator_();
  request.rollout = ToRolloutOptions(stored.fanout(), stored.rollout());
  request.offline_at_start.assign(stored.offline_at_start().begin(),
                                  stored.offline_at_start().end());
  request.offline = stored.offline();
  request.offline_wait = ToDuration(stored.offline_wait());
  request.lost_after = stored.has_lost_after() ? ToDuration(stored.lost_after())
                                               : kDefaultLostAfter;
  request.started_at = ToTime(stored.started_at());
  return request;
}

storage::v1::JournaledJob ToJournal(const JobRequest& request) {
  storage::v1::JournaledJob stored;
  stored.set_envelope(*request.envelope);
  stored.set_name(request.name);
  stored.set_operator_(request.operator_name);
  stored.set_targets(request.folded_targets);
  stored.set_fanout(request.rollout.fanout);
  *stored.mutable_rollout() = ToRolloutProto(request.rollout);
  stored.mutable_offline_at_start()->Assign(request.offline_at_start.begin(),
                                            request.offline_at_start.end());
  stored.set_offline(request.offline);
  *stored.mutable_offline_wait() = tutti::ToProto(request.offline_wait);
  *stored.mutable_lost_after() = tutti::ToProto(request.lost_after);
  *stored.mutable_started_at() = tutti::ToProto(request.started_at);
  return stored;
}

Job::Job(uint64_t number, JobRequest request,
         std::shared_ptr<const MerkleTree> tree)
    : rollout(SeededOptions(request),
              static_cast<uint32_t>(request.targets.size())),
      number_(number),
      request_(std::move(request)),
      tree_(std::move(tree)),
      tasks_(request_.targets.size()),
      counts_(size()),
      unfinished_(size()) {
  for (const uint32_t task : request_.offline_at_start) {
    if (task < size()) rollout.NoteOfflineAtStart(task);
  }
}

std::optional<uint32_t> Job::IndexOf(std::string_view target) const {
  const auto& targets = request_.targets;
  const auto found = std::lower_bound(targets.begin(), targets.end(), target);
  if (found == targets.end() || *found != target) return std::nullopt;
  return static_cast<uint32_t>(found - targets.begin());
}

void Job::SetState(uint32_t index, v1::TaskState state) {
  Task& task = tasks_[index];
  if (task.state == state) return;
  if (IsFinal(state) && !IsFinal(task.state)) --unfinished_;
  counts_.Move(task.state, state);
  task.state = state;
  if (state != v1::TASK_STATE_DISCONNECTED) SetLost(index, false);
  if (state != v1::TASK_STATE_PENDING) task.offline = false;
}

void Job::SetLost(uint32_t index, bool lost) {
  if (tasks_[index].lost == lost) return;
  tasks_[index].lost = lost;
  lost_count_ += lost ? 1 : -1;
}

v1::TargetProof Job::ProofOf(uint32_t task) {
  if (tree_ == nullptr) {
    // The names were checked to make a tree when the job came.
    absl::StatusOr<MerkleTree> tree = MakeTargetTree(request_.targets);
    if (!tree.ok()) return {};
    tree_ = std::make_shared<const MerkleTree>(*std::move(tree));
  }
  return MakeTargetProof(*tree_, task);
}

v1::JobState Job::state() const {
  const v1::JobState state = JobStateOf(counts_);
  const bool waits =
      state == v1::JOB_STATE_PENDING || state == v1::JOB_STATE_DISCONNECTED;
  return waits && rollout.blocked() ? v1::JOB_STATE_BLOCKED : state;
}

std::string Job::SkipReason() const {
  switch (rollout.limit_reached()) {
    case Limit::kStopAfter:
      return fmt::format("--stop-after {} was reached",
                         request_.rollout.stop_after);
    case Limit::kMaxFailures:
      return fmt::format("--max-failures {} was reached",
                         request_.rollout.max_failures);
    case Limit::kNone:
      break;
  }
  return "the job was stopped";
}

v1::AttemptKey Job::KeyOf(uint32_t task) const {
  v1::AttemptKey key;
  key.set_job_uuid(std::string(request_.uuid.bytes()));
  key.set_attempt(request_.attempt);
  key.set_target(request_.targets[task]);
  return key;
}

v1::Job Job::Describe(bool with_targets) const {
  v1::Job proto;
  proto.set_number(number_);
  proto.set_uuid(std::string(request_.uuid.bytes()));
  proto.set_name(request_.name);
  proto.set_state(state());
  *proto.mutable_counts() = counts_.ToProto();
  proto.set_operator_(request_.operator_name);
  proto.set_kind(request_.kind);
  proto.set_summary(request_.summary);
  proto.set_user(request_.user);
  proto.set_target_expression(request_.target_expression);
  if (with_targets) {
    proto.set_targets(request_.folded_targets);
    proto.set_work_digest(request_.work_digest);
  }
  proto.set_target_count(size());
  *proto.mutable_started_at() = tutti::ToProto(request_.started_at);
  if (final()) *proto.mutable_ended_at() = tutti::ToProto(ended_at_);
  proto.set_held(held);
  proto.set_lost_count(lost_count_);
  return proto;
}

v1::TaskStatus Job::DescribeTask(uint32_t index, absl::Time last_seen) const {
  const Task& task = tasks_[index];
  v1::TaskStatus proto;
  task.record.Fill(task.state, *proto.mutable_attempt());
  proto.set_stdout_bytes(task.output.stdout_bytes());
  proto.set_stderr_bytes(task.output.stderr_bytes());
  proto.set_evicted_bytes(task.output.evicted_bytes());
  proto.set_lost(task.lost);
  proto.set_offline(task.offline);
  if (task.state == v1::TASK_STATE_DISCONNECTED) {
    *proto.mutable_link_lost_at() = task.link_lost_at.ToProto();
  } else if (task.offline && last_seen != absl::InfinitePast()) {
    *proto.mutable_link_lost_at() = tutti::ToProto(last_seen);
  }
  return proto;
}

storage::v1::JournaledOutcome Job::OutcomeOf(uint32_t index) const {
  const Task& task = tasks_[index];
  storage::v1::JournaledOutcome outcome;
  task.record.Fill(task.state, *outcome.mutable_status());
  outcome.set_stdout_bytes(task.output.stdout_bytes());
  outcome.set_stderr_bytes(task.output.stderr_bytes());
  outcome.set_end_position(task.output.next_position());
  return outcome;
}

}  // namespace tutti::controller
