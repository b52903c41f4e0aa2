// The runner's socket.
#ifndef AGENT_RUNNER_SERVER_AGENT_LISTENER_H_
#define AGENT_RUNNER_SERVER_AGENT_LISTENER_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "agent/runner/processes/event_loop.h"
#include "common/base/file_descriptor.h"

namespace tutti::runner {

// Accepts agents. Whoever connects must run as root, as this user or as the
// agent's. One thread only, the loop's.
class AgentListener {
 public:
  struct Options {
    std::string path;
    std::optional<uid_t> agent_user;
    // Group that may reach the socket; none: only this user.
    std::optional<gid_t> agent_group;
  };
  // Replaces a socket that an earlier runner left. `on_agent` gets each
  // connection, non-blocking.
  static absl::StatusOr<std::unique_ptr<AgentListener>> Listen(
      EventLoop& loop, Options options,
      absl::AnyInvocable<void(FileDescriptor)> on_agent);
  // Removes the socket.
  ~AgentListener();

 private:
  AgentListener(EventLoop& loop, Options options, FileDescriptor socket,
                absl::AnyInvocable<void(FileDescriptor)> on_agent)
      : loop_(loop),
        options_(std::move(options)),
        socket_(std::move(socket)),
        on_agent_(std::move(on_agent)) {}
  void OnReadable();
  bool IsWelcome(int socket) const;

  EventLoop& loop_;
  const Options options_;
  const FileDescriptor socket_;
  absl::AnyInvocable<void(FileDescriptor)> on_agent_;
  EventLoop::Watch watch_ = 0;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_SERVER_AGENT_LISTENER_H_
