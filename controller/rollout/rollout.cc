#include "controller/rollout/rollout.h"

#include <algorithm>
#include <functional>

namespace tutti::controller {

Rollout::Rollout(uint32_t fanout, uint32_t tasks)
    : fanout_(fanout), phases_(tasks, Phase::kNew) {}

void Rollout::AddOnline(uint32_t task) {
  phases_[task] = Phase::kQueued;
  queue_.push_back(task);
}

void Rollout::AddOffline(uint32_t task, absl::Time give_up_at) {
  phases_[task] = Phase::kAbsent;
  WaitUntil(task, give_up_at);
}

void Rollout::AddInFlight(uint32_t task) {
  phases_[task] = Phase::kInFlight;
  ++in_flight_;
}

void Rollout::Connect(uint32_t task) {
  Phase& phase = phases_[task];
  if (phase != Phase::kQueuedOffline && phase != Phase::kAbsent) return;
  if (phase == Phase::kAbsent) queue_.push_back(task);
  phase = Phase::kQueued;
  give_up_at_.erase(task);
}

void Rollout::Disconnect(uint32_t task, absl::Time give_up_at) {
  if (phases_[task] != Phase::kQueued) return;
  phases_[task] = Phase::kQueuedOffline;
  give_up_at_[task] = give_up_at;
}

void Rollout::Leave(uint32_t task) {
  if (phases_[task] != Phase::kInFlight) return;
  phases_[task] = Phase::kGone;
  --in_flight_;
}

std::vector<uint32_t> Rollout::TakeStartable(absl::Time now) {
  std::vector<uint32_t> startable;
  while (!queue_.empty() && MayStart()) {
    const uint32_t task = queue_.front();
    queue_.pop_front();
    Phase& phase = phases_[task];
    if (phase == Phase::kQueued) {
      phase = Phase::kInFlight;
      ++in_flight_;
      startable.push_back(task);
    } else if (phase == Phase::kQueuedOffline) {
      phase = Phase::kAbsent;
      WaitUntil(task, std::max(now, give_up_at_[task]));
    }
  }
  if (queue_.empty()) std::deque<uint32_t>().swap(queue_);
  return startable;
}

std::vector<uint32_t> Rollout::TakeExpired(absl::Time now) {
  std::vector<uint32_t> expired;
  while (!deadlines_.empty() && deadlines_.front().first <= now) {
    const auto [give_up_at, task] = deadlines_.front();
    std::pop_heap(deadlines_.begin(), deadlines_.end(), std::greater<>());
    deadlines_.pop_back();
    const auto confirmed = give_up_at_.find(task);
    if (phases_[task] != Phase::kAbsent || confirmed == give_up_at_.end() ||
        confirmed->second != give_up_at) {
      continue;
    }
    Withdraw(task);
    expired.push_back(task);
  }
  return expired;
}

std::vector<uint32_t> Rollout::TakeAllWaiting() {
  std::vector<uint32_t> waiting;
  for (uint32_t task = 0; task < phases_.size(); ++task) {
    if (Withdraw(task)) waiting.push_back(task);
  }
  queue_.clear();
  deadlines_.clear();
  return waiting;
}

bool Rollout::Withdraw(uint32_t task) {
  Phase& phase = phases_[task];
  if (phase != Phase::kQueued && phase != Phase::kQueuedOffline &&
      phase != Phase::kAbsent) {
    return false;
  }
  phase = Phase::kGone;
  give_up_at_.erase(task);
  return true;
}

absl::Time Rollout::NextDeadline() const {
  return deadlines_.empty() ? absl::InfiniteFuture() : deadlines_.front().first;
}

void Rollout::WaitUntil(uint32_t task, absl::Time give_up_at) {
  give_up_at_[task] = give_up_at;
  if (give_up_at == absl::InfiniteFuture()) return;
  deadlines_.emplace_back(give_up_at, task);
  std::push_heap(deadlines_.begin(), deadlines_.end(), std::greater<>());
}

}  // namespace tutti::controller
