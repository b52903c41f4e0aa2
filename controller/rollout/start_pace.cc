#include "controller/rollout/start_pace.h"

#include <algorithm>
#include <functional>

namespace tutti::controller {
namespace {

// SplitMix64 (Steele, Lea, Flood 2014): the `index`th number of a seed, in
// [0, 1).
double RandomPart(uint64_t seed, uint32_t index) {
  uint64_t z = seed + (uint64_t{index} + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1p-53;
}

}  // namespace

void StartPace::Set(absl::Duration interval, absl::Duration splay,
                    absl::Time now) {
  interval_ = interval;
  splay_ = splay;
  // Who waits by the old rate waits no longer than by the new one.
  next_start_ = std::min(next_start_, now + interval);
}

void StartPace::Add(uint32_t task, absl::Time now) {
  if (splay_ == absl::ZeroDuration()) {
    ready_.push_back(task);
    return;
  }
  // In whole nanoseconds, as timers are.
  const absl::Duration delay =
      absl::Floor(splay_ * RandomPart(seed_, task), absl::Nanoseconds(1));
  delayed_.emplace_back(now + delay, task);
  std::push_heap(delayed_.begin(), delayed_.end(), std::greater<>());
}

std::optional<uint32_t> StartPace::TakeDue(absl::Time now) {
  while (!delayed_.empty() && delayed_.front().first <= now) {
    ready_.push_back(delayed_.front().second);
    std::pop_heap(delayed_.begin(), delayed_.end(), std::greater<>());
    delayed_.pop_back();
  }
  if (ready_.empty()) return std::nullopt;
  const uint32_t task = ready_.front();
  ready_.pop_front();
  return task;
}

void StartPace::Started(absl::Time now) {
  if (interval_ == absl::ZeroDuration()) return;
  if (now - next_start_ > kCatchUp) next_start_ = now;
  next_start_ += interval_;
}

absl::Time StartPace::NextStart() const {
  if (!ready_.empty()) return next_start_;
  if (delayed_.empty()) return absl::InfiniteFuture();
  return std::max(next_start_, delayed_.front().first);
}

}  // namespace tutti::controller
