#include "controller/rollout/rollout.h"

#include <algorithm>
#include <functional>
#include <optional>

namespace tutti::controller {

Rollout::Rollout(const RolloutOptions& options, uint32_t tasks)
    : options_(options),
      tasks_(tasks),
      budget_(options.stop_after, options.max_failures),
      pace_(options.start_interval, options.splay, options.splay_seed),
      quorum_(options.quorum, tasks),
      canary_(options.canary, options.canary_wait),
      batch_left_(options.batch) {}

void Rollout::SetOptions(const RolloutOptions& options, absl::Time now) {
  const bool after_canary = canary_.passed();
  canary_.Set(options.canary, options.canary_wait);
  // What is in flight belongs to the batch that is open, or to the canary.
  uint32_t started = in_flight_;
  if (!canary_.passed()) {
    started = 0;
  } else if (after_canary && options_.batch != 0) {
    started = options_.batch - std::min(options_.batch, batch_left_);
  }
  batch_left_ = options.batch - std::min(options.batch, started);
  // A pause that is under way ends by the new rule.
  batch_opens_at_ = options.batch == 0
                        ? absl::InfinitePast()
                        : std::min(batch_opens_at_, now + options.batch_wait);
  options_ = options;
  quorum_.Set(options.quorum);
  budget_.SetLimits(options.stop_after, options.max_failures);
  for (uint32_t task = 0; task < tasks_.size(); ++task) {
    if (tasks_[task].expired) {
      SetFailed(task, IsFailure(task, v1::TASK_STATE_EXPIRED));
    }
  }
  pace_.Set(options.start_interval, options.splay, now);
}

void Rollout::SetLabelPlaces(const LabelPlaces& places) {
  std::vector<uint32_t> in_flight;
  for (uint32_t task = 0; task < tasks_.size(); ++task) {
    const Phase phase = tasks_[task].phase;
    if (phase == Phase::kAdmitted || phase == Phase::kAdmittedOffline ||
        phase == Phase::kInFlight) {
      in_flight.push_back(task);
    }
  }
  queue_.SetPlaces(places, in_flight);
}

void Rollout::AddOnline(uint32_t task) {
  tasks_[task].phase = Phase::kQueued;
  queue_.Push(task);
  quorum_.Connect(task);
  ++waiting_;
}

void Rollout::AddOffline(uint32_t task, absl::Time give_up_at) {
  tasks_[task].phase = Phase::kAbsent;
  WaitUntil(task, give_up_at);
  ++waiting_;
}

void Rollout::AddInFlight(uint32_t task) {
  tasks_[task].phase = Phase::kInFlight;
  ++in_flight_;
  queue_.Take(task);
  batch_left_ = 0;
  canary_.AddStarted();
  quorum_.Pass();
}

void Rollout::AddFinal(uint32_t task, v1::TaskState state) {
  // How much of its batch had started is not known: that counts as full.
  if (state != v1::TASK_STATE_EXPIRED && state != v1::TASK_STATE_SKIPPED) {
    batch_left_ = 0;
    canary_.AddStarted();
    canary_.End(state);
  }
  Finish(task, state);
}

void Rollout::Connect(uint32_t task) {
  Phase& phase = tasks_[task].phase;
  if (phase == Phase::kQueuedOffline) {
    phase = Phase::kQueued;
  } else if (phase == Phase::kAdmittedOffline) {
    phase = Phase::kAdmitted;
  } else if (phase == Phase::kAbsent) {
    phase = Phase::kQueued;
    queue_.Push(task);
  } else {
    return;
  }
  give_up_at_.erase(task);
  quorum_.Connect(task);
}

void Rollout::Disconnect(uint32_t task, absl::Time give_up_at) {
  Phase& phase = tasks_[task].phase;
  if (phase == Phase::kQueued) {
    phase = Phase::kQueuedOffline;
  } else if (phase == Phase::kAdmitted) {
    phase = Phase::kAdmittedOffline;
  } else {
    return;
  }
  give_up_at_[task] = give_up_at;
  if (!quorum_.open()) return;
  quorum_.Disconnect(task);
  WaitUntil(task, give_up_at);
}

void Rollout::Lose(uint32_t task) {
  if (tasks_[task].phase != Phase::kInFlight) return;
  tasks_[task].phase = Phase::kGone;
  EndInFlight(task, v1::TASK_STATE_UNKNOWN);
  SetFailed(task, true);
}

void Rollout::EndInFlight(uint32_t task, v1::TaskState state) {
  // It did not run: its place is for another.
  if (state == v1::TASK_STATE_SKIPPED) return ReleasePlace(task);
  --in_flight_;
  queue_.GiveBack(task);
  canary_.End(state);
}

void Rollout::Finish(uint32_t task, v1::TaskState state) {
  Phase& phase = tasks_[task].phase;
  if (phase == Phase::kInFlight) {
    EndInFlight(task, state);
  } else {
    Withdraw(task);
  }
  phase = Phase::kGone;
  quorum_.End(task);
  tasks_[task].expired = state == v1::TASK_STATE_EXPIRED;
  SetFailed(task, IsFailure(task, state));
}

bool Rollout::IsFailure(uint32_t task, v1::TaskState state) const {
  switch (state) {
    case v1::TASK_STATE_COMPLETED:
    case v1::TASK_STATE_SKIPPED:
      return false;
    case v1::TASK_STATE_EXPIRED:
      return options_.count_offline || !tasks_[task].offline_at_start;
    default:
      return true;
  }
}

void Rollout::SetFailed(uint32_t task, bool failed) {
  if (tasks_[task].failed == failed) return;
  tasks_[task].failed = failed;
  if (failed) {
    budget_.Count();
  } else {
    budget_.TakeBack();
  }
}

std::vector<uint32_t> Rollout::TakeStartable(absl::Time now) {
  canary_.Update(now, in_flight_);
  OpenBatch(now);
  std::vector<uint32_t> startable;
  do {
    while (MayAdmit()) {
      const std::optional<uint32_t> task = queue_.Pop();
      if (!task.has_value()) break;
      Admit(*task, now);
    }
  } while (StartAdmitted(now, startable));
  if (waiting_ == 0) queue_.Clear();
  return startable;
}

bool Rollout::StartAdmitted(absl::Time now, std::vector<uint32_t>& startable) {
  if (held_ || budget_.reached() != Limit::kNone) return false;
  bool freed = false;
  while (pace_.MayStart(now)) {
    const std::optional<uint32_t> task = pace_.TakeDue(now);
    if (!task.has_value()) break;
    Phase& phase = tasks_[*task].phase;
    if (phase == Phase::kAdmitted) {
      phase = Phase::kInFlight;
      --waiting_;
      pace_.Started(now);
      startable.push_back(*task);
    } else if (phase == Phase::kAdmittedOffline) {
      phase = Phase::kAbsent;
      ReleasePlace(*task);
      WaitUntil(*task, give_up_at_[*task]);
      freed = true;
    }
  }
  return freed;
}

void Rollout::ReleasePlace(uint32_t task) {
  --in_flight_;
  queue_.GiveBack(task);
  canary_.GiveBack();
  if (canary_.passed() && options_.batch != 0) ++batch_left_;
}

void Rollout::OpenBatch(absl::Time now) {
  if (options_.batch == 0) return;
  if (batch_left_ == 0 && in_flight_ == 0) {
    batch_left_ = options_.batch;
    batch_opens_at_ = now + options_.batch_wait;
  }
  if (batch_opens_at_ <= now) batch_opens_at_ = absl::InfinitePast();
}

bool Rollout::MayAdmit() const {
  if (held_ || !quorum_.reached() || !budget_.HasRoom(in_flight_)) return false;
  if (options_.fanout != 0 && in_flight_ >= options_.fanout) return false;
  if (!canary_.passed()) return canary_.has_place();
  return options_.batch == 0 ||
         (batch_left_ > 0 && batch_opens_at_ == absl::InfinitePast());
}

void Rollout::Admit(uint32_t task, absl::Time now) {
  Phase& phase = tasks_[task].phase;
  if (phase == Phase::kQueued) {
    phase = Phase::kAdmitted;
    ++in_flight_;
    queue_.Take(task);
    canary_.Take();
    if (canary_.passed() && options_.batch != 0) --batch_left_;
    pace_.Add(task, now);
  } else if (phase == Phase::kQueuedOffline) {
    phase = Phase::kAbsent;
    WaitUntil(task, give_up_at_[task]);
  }
}

std::vector<uint32_t> Rollout::TakeExpired(absl::Time now) {
  std::vector<uint32_t> expired;
  while (!overdue_.empty()) {
    const Deadline deadline = overdue_.front();
    if (IsDue(deadline)) {
      if (!Expire(deadline.second)) break;
      expired.push_back(deadline.second);
    }
    overdue_.pop_front();
  }
  while (!deadlines_.empty() && deadlines_.front().first <= now) {
    const Deadline deadline = deadlines_.front();
    std::pop_heap(deadlines_.begin(), deadlines_.end(), std::greater<>());
    deadlines_.pop_back();
    if (!IsDue(deadline)) continue;
    if (Expire(deadline.second)) {
      expired.push_back(deadline.second);
    } else {
      overdue_.push_back(deadline);
    }
  }
  return expired;
}

bool Rollout::IsDue(const Deadline& deadline) const {
  const auto& [give_up_at, task] = deadline;
  const auto confirmed = give_up_at_.find(task);
  const Phase phase = tasks_[task].phase;
  const bool may_end = phase == Phase::kAbsent ||
                       (quorum_.open() && phase == Phase::kQueuedOffline);
  return may_end && confirmed != give_up_at_.end() &&
         confirmed->second == give_up_at;
}

bool Rollout::Expire(uint32_t task) {
  const bool fails = IsFailure(task, v1::TASK_STATE_EXPIRED);
  if (fails && options_.max_failures != 0 && !budget_.HasRoom(in_flight_)) {
    return false;
  }
  Withdraw(task);
  tasks_[task].expired = true;
  SetFailed(task, fails);
  return true;
}

std::vector<uint32_t> Rollout::TakeAllWaiting() {
  budget_.Close();
  quorum_.Close();
  std::vector<uint32_t> waiting;
  if (waiting_ == 0) return waiting;
  waiting.reserve(waiting_);
  for (uint32_t task = 0; task < tasks_.size(); ++task) {
    if (Withdraw(task)) waiting.push_back(task);
  }
  queue_.Clear();
  deadlines_.clear();
  overdue_.clear();
  return waiting;
}

bool Rollout::Withdraw(uint32_t task) {
  Phase& phase = tasks_[task].phase;
  if (phase == Phase::kNew || phase == Phase::kInFlight ||
      phase == Phase::kGone) {
    return false;
  }
  if (phase == Phase::kAdmitted || phase == Phase::kAdmittedOffline) {
    ReleasePlace(task);
  }
  phase = Phase::kGone;
  --waiting_;
  give_up_at_.erase(task);
  return true;
}

absl::Time Rollout::NextStart() const {
  if (held_ || budget_.reached() != Limit::kNone) return absl::InfiniteFuture();
  absl::Time next = std::min(pace_.NextStart(), canary_.NextUpdate());
  if (!queue_.empty() && batch_opens_at_ != absl::InfinitePast()) {
    next = std::min(next, batch_opens_at_);
  }
  return next;
}

absl::Time Rollout::NextExpiry() const {
  return deadlines_.empty() ? absl::InfiniteFuture() : deadlines_.front().first;
}

void Rollout::WaitUntil(uint32_t task, absl::Time give_up_at) {
  give_up_at_[task] = give_up_at;
  if (give_up_at == absl::InfiniteFuture()) return;
  deadlines_.emplace_back(give_up_at, task);
  std::push_heap(deadlines_.begin(), deadlines_.end(), std::greater<>());
}

}  // namespace tutti::controller
