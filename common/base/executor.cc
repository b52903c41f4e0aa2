#include "common/base/executor.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace tutti {

void Executor::Post(Task task) { queue_.Push(std::move(task)); }

bool Executor::Later(const Timer& a, const Timer& b) {
  return a.due != b.due ? a.due > b.due : a.order > b.order;
}

void Executor::PostAfter(absl::Duration delay, Task task) {
  // A longer wait would overflow the clock.
  delay = std::min(delay, absl::Hours(24 * 365));
  timers_.push_back(
      {std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(delay),
       timer_count_++, std::move(task)});
  std::push_heap(timers_.begin(), timers_.end(), Later);
}

absl::Duration Executor::TimeToNextTimer() const {
  if (timers_.empty()) return absl::InfiniteDuration();
  return absl::FromChrono(timers_.front().due -
                          std::chrono::steady_clock::now());
}

void Executor::RunTimers() {
  const auto now = std::chrono::steady_clock::now();
  while (!timers_.empty() && timers_.front().due <= now) {
    std::pop_heap(timers_.begin(), timers_.end(), Later);
    Task task = std::move(timers_.back().task);
    timers_.pop_back();
    task();
  }
}

void Executor::RunDeferred() {
  for (Task& task : std::exchange(deferred_, {})) task();
}

void Executor::Run() {
  while (!stopped_) {
    for (Task& task : queue_.TakeAll(TimeToNextTimer())) task();
    RunTimers();
    RunDeferred();
  }
}

void Executor::Stop() {
  Post([this] { stopped_ = true; });
}

}  // namespace tutti
