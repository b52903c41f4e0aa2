// A thread that plain code lives on.
#ifndef COMMON_BASE_EXECUTOR_H_
#define COMMON_BASE_EXECUTOR_H_

#include <chrono>
#include <cstdint>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/event_queue.h"

namespace tutti {

// Runs tasks in the order in which they were posted, on the thread that calls
// Run. One executor serves any number of parts. It must outlive everything
// that posts to it.
class Executor {
 public:
  using Task = absl::AnyInvocable<void()>;

  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Thread-safe.
  void Post(Task task);

  // The rest but Stop: on the executor's thread, or before Run.

  // Runs `task` no earlier than after `delay`.
  void PostAfter(absl::Duration delay, Task task);
  // Runs `task` after all tasks that are waiting now: for work that a burst of
  // events wants done once.
  void Defer(Task task) { deferred_.push_back(std::move(task)); }

  // Until Stop. Tasks that are left then are dropped with the executor.
  void Run();
  // Thread-safe.
  void Stop();

 private:
  struct Timer {
    std::chrono::steady_clock::time_point due;
    uint64_t order;
    Task task;
  };
  static bool Later(const Timer& a, const Timer& b);
  absl::Duration TimeToNextTimer() const;
  void RunTimers();
  void RunDeferred();

  EventQueue<Task> queue_;
  // A heap, the next one first.
  std::vector<Timer> timers_;
  uint64_t timer_count_ = 0;
  std::vector<Task> deferred_;
  bool stopped_ = false;
};

}  // namespace tutti

#endif  // COMMON_BASE_EXECUTOR_H_
