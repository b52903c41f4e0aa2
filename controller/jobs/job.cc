#include "controller/jobs/job.h"

#include <algorithm>
#include <utility>

#include "common/base/duration.h"
#include "common/jobs/states.h"
#include "controller/results/result_store.h"

namespace tutti::controller {
Job::Job(uint64_t number, JobRequest request,
         std::shared_ptr<const MerkleTree> tree)
    : number_(number),
      description_(std::move(request.job)),
      name_(description_.name),
      tasks_(request.first.targets.size()),
      counts_(size()),
      unfinished_(size()) {
  attempts_.push_back(std::make_unique<JobAttempt>(
      std::move(request.first), description_, size(), std::move(tree)));
  attempts_.back()->unfinished = size();
}

std::optional<uint32_t> Job::IndexOf(std::string_view target) const {
  const auto& names = targets();
  const auto found = std::lower_bound(names.begin(), names.end(), target);
  if (found == names.end() || *found != target) return std::nullopt;
  return static_cast<uint32_t>(found - names.begin());
}

void Job::SetState(uint32_t index, v1::TaskState state) {
  Task& task = tasks_[index];
  if (task.state == state) return;
  if (IsFinal(state) != IsFinal(task.state)) {
    const int change = IsFinal(state) ? -1 : 1;
    unfinished_ += change;
    AttemptOf(index).unfinished += change;
  }
  if (state == v1::TASK_STATE_SKIPPED && task.record.unmatched()) {
    counts_.AddUnmatched();
  }
  counts_.Move(task.state, state);
  task.state = state;
  if (state != v1::TASK_STATE_DISCONNECTED) SetLost(index, false);
  if (state != v1::TASK_STATE_PENDING) task.offline = false;
  DropUnneededSecrets(AttemptOf(index));
}

void Job::DropUnneededSecrets(JobAttempt& attempt) {
  if (attempt.secrets().empty()) return;
  const auto needs = [&](const Task& task) {
    return task.attempt == attempt.number() && !IsFinal(task.state) &&
           !task.record.started();
  };
  uint32_t& first = attempt.first_unstarted;
  while (first < size() && !needs(tasks_[first])) ++first;
  if (first == size()) attempt.WipeSecrets();
}

void Job::SetLost(uint32_t index, bool lost) {
  if (tasks_[index].lost == lost) return;
  tasks_[index].lost = lost;
  lost_count_ += lost ? 1 : -1;
}

JobAttempt& Job::AddAttempt(AttemptRequest request,
                            std::shared_ptr<const MerkleTree> tree) {
  attempts_.push_back(std::make_unique<JobAttempt>(
      std::move(request), description_, size(), std::move(tree)));
  JobAttempt& attempt = *attempts_.back();
  attempt.rollout.SetHeld(held_ || suspended_);
  ended_at_ = absl::InfinitePast();
  for (const uint32_t task : TasksOf(attempt.request())) {
    Reopen(task, attempt.number());
  }
  return attempt;
}

std::vector<uint32_t> Job::TasksOf(const AttemptRequest& attempt) const {
  std::vector<uint32_t> tasks;
  tasks.reserve(attempt.targets.size());
  // Both lists are sorted, and often the same.
  auto at = targets().begin();
  for (const std::string& target : attempt.targets) {
    if (at == targets().end() || *at != target) {
      at = std::lower_bound(at, targets().end(), target);
    }
    if (at == targets().end() || *at != target) continue;
    tasks.push_back(static_cast<uint32_t>(at++ - targets().begin()));
  }
  return tasks;
}

void Job::Reopen(uint32_t index, uint32_t attempt) {
  Task& task = tasks_[index];
  const bool was_final = IsFinal(task.state);
  auto earlier = std::make_unique<EarlierAttempt>();
  earlier->attempt = task.attempt;
  // Out of the journal its outcome comes later.
  earlier->state = was_final ? task.state : v1::TASK_STATE_UNKNOWN;
  if (task.record.unmatched()) counts_.RemoveUnmatched();
  earlier->record = std::exchange(task.record, AttemptRecord());
  ResultStore::Move(task.output, earlier->output);
  earlier->earlier = std::move(task.earlier);
  task.earlier = std::move(earlier);
  if (!was_final) --AttemptOf(index).unfinished;
  task.attempt = attempt;
  if (!was_final) ++AttemptOf(index).unfinished;
  SetState(index, v1::TASK_STATE_PENDING);
  task.sent = task.late = task.bulk = task.suspend = false;
  task.acknowledged = task.start_position = 0;
}

std::optional<AttemptView> Job::ViewOf(uint32_t index, uint32_t attempt) const {
  const Task& task = tasks_[index];
  if (task.attempt == attempt) {
    return AttemptView{task.state, task.record, task.output};
  }
  const EarlierAttempt* earlier = task.FindEarlier(attempt);
  if (earlier == nullptr) return std::nullopt;
  return AttemptView{earlier->state, earlier->record, earlier->output};
}

TaskOutput* Job::OutputOf(uint32_t index, uint32_t attempt) {
  Task& task = tasks_[index];
  if (task.attempt == attempt) return &task.output;
  EarlierAttempt* earlier = task.FindEarlier(attempt);
  return earlier == nullptr ? nullptr : &earlier->output;
}

uint32_t Job::NextAttempt(uint32_t index, uint32_t attempt) const {
  const Task& task = tasks_[index];
  uint32_t next = task.attempt > attempt ? task.attempt : 0;
  for (const EarlierAttempt* earlier = task.earlier.get();
       earlier != nullptr && earlier->attempt > attempt;
       earlier = earlier->earlier.get()) {
    next = earlier->attempt;
  }
  return next;
}

v1::JobState Job::state() const {
  const v1::JobState state = JobStateOf(counts_);
  if (suspended_ && state == v1::JOB_STATE_PENDING) {
    return v1::JOB_STATE_SUSPENDED;
  }
  if (state != v1::JOB_STATE_PENDING && state != v1::JOB_STATE_DISCONNECTED) {
    return state;
  }
  const bool blocked = std::any_of(
      attempts_.begin(), attempts_.end(),
      [](const auto& attempt) { return attempt->rollout.blocked(); });
  return blocked ? v1::JOB_STATE_BLOCKED : state;
}

void Job::SetHeld(bool held) {
  held_ = held;
  HoldRollouts();
}

void Job::SetSuspended(bool suspended) {
  suspended_ = suspended;
  HoldRollouts();
}

void Job::HoldRollouts() {
  for (const auto& attempt : attempts_) {
    attempt->rollout.SetHeld(held_ || suspended_);
  }
}

v1::AttemptKey Job::KeyOf(uint32_t task, uint32_t attempt) const {
  v1::AttemptKey key;
  key.set_job_uuid(std::string(description_.uuid.bytes()));
  key.set_attempt(attempt);
  key.set_target(target(task));
  return key;
}

v1::Job Job::Describe(bool with_targets) const {
  v1::Job proto;
  proto.set_number(number_);
  proto.set_uuid(std::string(description_.uuid.bytes()));
  proto.set_name(name_);
  proto.set_state(state());
  *proto.mutable_counts() = counts_.ToProto();
  proto.set_operator_(first_request().operator_name);
  if (const auto& delegating = first_request().delegating_job) {
    proto.set_delegating_job(std::string(delegating->bytes()));
  }
  proto.set_kind(description_.kind);
  proto.set_summary(description_.summary);
  proto.set_user(description_.user);
  proto.set_target_expression(description_.target_expression);
  if (with_targets) {
    proto.set_targets(first_request().folded_targets);
    proto.set_work_digest(description_.work_digest);
  }
  proto.set_target_count(size());
  *proto.mutable_started_at() = tutti::ToProto(first_request().started_at);
  if (final()) *proto.mutable_ended_at() = tutti::ToProto(ended_at_);
  proto.set_held(held_);
  proto.set_lost_count(lost_count_);
  if (!with_targets) return proto;
  for (const auto& attempt : attempts_) {
    const AttemptRequest& request = attempt->request();
    v1::JobAttempt& described = *proto.add_attempts();
    described.set_number(request.number);
    described.set_operator_(request.operator_name);
    described.set_target_count(request.targets.size());
    *described.mutable_started_at() = tutti::ToProto(request.started_at);
    described.set_unfinished_count(attempt->unfinished);
    if (request.number > 1) described.set_targets(request.folded_targets);
    StoreSettings(attempt->settings(), described);
    const Quorum& quorum = attempt->rollout.quorum();
    if (quorum.open()) described.set_accepted_count(quorum.accepted());
  }
  return proto;
}

v1::TaskStatus Job::DescribeTask(uint32_t index, uint32_t attempt,
                                 absl::Time last_seen) const {
  v1::TaskStatus proto;
  const std::optional<AttemptView> view = ViewOf(index, attempt);
  if (!view.has_value()) return proto;
  view->record.Fill(view->state, *proto.mutable_attempt());
  proto.set_attempt_number(attempt);
  proto.set_stdout_bytes(view->output.stdout_bytes());
  proto.set_stderr_bytes(view->output.stderr_bytes());
  proto.set_evicted_bytes(view->output.evicted_bytes());
  const Task& task = tasks_[index];
  if (task.attempt != attempt) return proto;
  proto.set_lost(task.lost);
  proto.set_offline(task.offline);
  if (task.state == v1::TASK_STATE_DISCONNECTED) {
    *proto.mutable_link_lost_at() = task.link_lost_at.ToProto();
  } else if (task.offline && last_seen != absl::InfinitePast()) {
    *proto.mutable_link_lost_at() = tutti::ToProto(last_seen);
  }
  return proto;
}

storage::v1::JournaledOutcome Job::OutcomeOf(uint32_t index,
                                             uint32_t attempt) const {
  storage::v1::JournaledOutcome outcome;
  const std::optional<AttemptView> view = ViewOf(index, attempt);
  if (!view.has_value()) return outcome;
  view->record.Fill(view->state, *outcome.mutable_status());
  outcome.set_stdout_bytes(view->output.stdout_bytes());
  outcome.set_stderr_bytes(view->output.stderr_bytes());
  outcome.set_end_position(view->output.next_position());
  return outcome;
}

}  // namespace tutti::controller
