#include "agent/runner/processes/event_loop.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include "common/base/errors.h"

namespace tutti::runner {

absl::StatusOr<std::unique_ptr<EventLoop>> EventLoop::Create() {
  FileDescriptor epoll(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return SystemError(errno, "make an epoll instance");
  return std::unique_ptr<EventLoop>(new EventLoop(std::move(epoll)));
}

absl::StatusOr<EventLoop::Watch> EventLoop::Add(int fd, uint32_t events,
                                                Callback callback) {
  const Watch watch = next_++;
  epoll_event event = {};
  event.events = events;
  event.data.u64 = watch;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    return SystemError(errno, "watch a descriptor");
  }
  watched_.emplace(
      watch, Watched{fd, std::make_shared<Callback>(std::move(callback))});
  return watch;
}

void EventLoop::Change(Watch watch, uint32_t events) {
  epoll_event event = {};
  event.events = events;
  event.data.u64 = watch;
  epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, watched_.at(watch).fd, &event);
}

void EventLoop::Remove(Watch& watch) {
  const auto found = watched_.find(std::exchange(watch, 0));
  if (found == watched_.end()) return;
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, found->second.fd, nullptr);
  watched_.erase(found);
}

void EventLoop::RunOnce(absl::Duration timeout) {
  std::array<epoll_event, 128> events;
  // Rounded up: waking before a deadline would spin.
  const int64_t milliseconds = std::min<int64_t>(
      absl::ToInt64Milliseconds(absl::Ceil(timeout, absl::Milliseconds(1))),
      60'000);
  const int count =
      epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                 static_cast<int>(std::max<int64_t>(milliseconds, 0)));
  for (int i = 0; i < count; ++i) {
    // The kernel packs these: nothing may refer to a member.
    const uint64_t watch = events[static_cast<size_t>(i)].data.u64;
    const uint32_t happened = events[static_cast<size_t>(i)].events;
    const auto found = watched_.find(watch);
    if (found == watched_.end()) continue;
    const std::shared_ptr<Callback> callback = found->second.callback;
    (*callback)(happened);
  }
}

}  // namespace tutti::runner
