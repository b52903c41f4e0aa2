// epoll, with callbacks.
#ifndef AGENT_RUNNER_PROCESSES_EVENT_LOOP_H_
#define AGENT_RUNNER_PROCESSES_EVENT_LOOP_H_

#include <cstdint>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/file_descriptor.h"

namespace tutti::runner {

// Everything happens on the one thread that calls RunOnce. Not thread-safe.
class EventLoop {
 public:
  // Gets the events that came (EPOLLIN, ...).
  using Callback = absl::AnyInvocable<void(uint32_t)>;
  // Names a watch; 0 names none.
  using Watch = uint64_t;

  static absl::StatusOr<std::unique_ptr<EventLoop>> Create();

  // Calls back whenever `fd` has one of `events` (level-triggered), until the
  // watch is removed, which must come before `fd` is closed.
  absl::StatusOr<Watch> Add(int fd, uint32_t events, Callback callback);
  void Change(Watch watch, uint32_t events);
  // Does nothing for 0. The callback is not called again, also for events
  // that have come already; it may remove itself.
  void Remove(Watch& watch);

  // Waits for events for at most `timeout`, and delivers them.
  void RunOnce(absl::Duration timeout);

 private:
  struct Watched {
    int fd = -1;
    // Shared with the delivery, which outlives a callback that removes itself.
    std::shared_ptr<Callback> callback;
  };

  explicit EventLoop(FileDescriptor epoll) : epoll_(std::move(epoll)) {}

  FileDescriptor epoll_;
  Watch next_ = 1;
  absl::flat_hash_map<Watch, Watched> watched_;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_PROCESSES_EVENT_LOOP_H_
