// The way into a core thread.
#ifndef COMMON_BASE_EVENT_QUEUE_H_
#define COMMON_BASE_EVENT_QUEUE_H_

#include <chrono>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace tutti {

// Many producers, one consumer. The consumer takes everything at once, so a
// burst costs one wake-up. Thread-safe.
template <typename Event>
class EventQueue {
 public:
  void Push(Event event) {
    MutexLock lock(mutex_);
    events_.push_back(std::move(event));
    if (events_.size() == 1) arrived_.NotifyOne();
  }

  // Waits until there are events or `timeout` has passed; empty then.
  std::vector<Event> TakeAll(absl::Duration timeout) {
    const auto deadline =
        std::chrono::steady_clock::now() +
        absl::ToChronoNanoseconds(std::min(timeout, absl::Hours(24)));
    MutexLock lock(mutex_);
    while (events_.empty()) {
      const auto now = std::chrono::steady_clock::now();
      if (now >= deadline) break;
      arrived_.WaitFor(mutex_, deadline - now);
    }
    return std::exchange(events_, {});
  }

 private:
  Mutex mutex_;
  CondVar arrived_;
  std::vector<Event> events_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tutti

#endif  // COMMON_BASE_EVENT_QUEUE_H_
