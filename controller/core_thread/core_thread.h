// The thread on which the rules run.
#ifndef CONTROLLER_CORE_THREAD_CORE_THREAD_H_
#define CONTROLLER_CORE_THREAD_CORE_THREAD_H_

#include <memory>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/event_queue.h"
#include "controller/core/core.h"

namespace tutti::controller {

// Owns the core and runs, one after the other, what other threads post to it,
// and its timers. Thread-safe.
//
// Post works from construction to destruction; what is posted before Start
// waits for it, what is posted after the core was retired is destroyed unrun.
// So an event that must leave something behind in any case does it in the
// destructor of what it captures.
class CoreThread {
 public:
  using Event = absl::AnyInvocable<void(Core&)>;

  // `clock` is the core's.
  explicit CoreThread(const Clock& clock) : clock_(clock) {}
  // Stops.
  ~CoreThread();
  CoreThread(const CoreThread&) = delete;
  CoreThread& operator=(const CoreThread&) = delete;

  // Once.
  void Start(std::unique_ptr<Core> core);
  void Post(Event event);

  // The core goes, on its thread, after `delay`, and with it every answer that
  // it still owes.
  void RetireCoreAfter(absl::Duration delay);
  // At once, and waits until it is gone.
  void Stop();

 private:
  // Events and what only the thread itself may be told.
  struct Message {
    Event event;
    // Set: retire the core then.
    absl::Time retire_at = absl::InfiniteFuture();
    bool end = false;
  };

  void Run();
  // False when the thread is to end.
  bool Handle(std::vector<Message> messages);
  absl::Duration TimeToWait() const;

  const Clock& clock_;
  EventQueue<Message> queue_;

  // The thread's own.
  std::unique_ptr<Core> core_;
  absl::Time retire_at_ = absl::InfiniteFuture();

  std::thread thread_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_THREAD_CORE_THREAD_H_
