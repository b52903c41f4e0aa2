#include "agent/runner/server/agent_listener.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include "common/base/descriptor_passing.h"
#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace tutti::runner {
namespace {

constexpr int kBacklog = 16;

// Nobody can connect before listen(2), so the mode is right from the start.
absl::Status SetAccess(const AgentListener::Options& options) {
  const char* path = options.path.c_str();
  if (options.agent_group.has_value() &&
      chown(path, static_cast<uid_t>(-1), *options.agent_group) != 0) {
    return SystemError(errno, fmt::format("give {} to group {}", options.path,
                                          *options.agent_group));
  }
  if (chmod(path, options.agent_group.has_value() ? 0660 : 0600) != 0) {
    return SystemError(errno, fmt::format("set the mode of {}", options.path));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<AgentListener>> AgentListener::Listen(
    EventLoop& loop, Options options,
    absl::AnyInvocable<void(FileDescriptor)> on_agent) {
  TUTTI_ASSIGN_OR_RETURN(const sockaddr_un address, UnixAddress(options.path));
  FileDescriptor socket(
      ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket.valid()) return SystemError(errno, "make a socket");
  unlink(options.path.c_str());
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&address),
           sizeof address) != 0) {
    return SystemError(errno, fmt::format("make the socket {}", options.path));
  }
  TUTTI_RETURN_IF_ERROR(SetAccess(options));
  if (listen(socket.get(), kBacklog) != 0) {
    return SystemError(errno, fmt::format("listen on {}", options.path));
  }
  auto listener = std::unique_ptr<AgentListener>(new AgentListener(
      loop, std::move(options), std::move(socket), std::move(on_agent)));
  TUTTI_ASSIGN_OR_RETURN(
      listener->watch_,
      loop.Add(listener->socket_.get(), EPOLLIN,
               [raw = listener.get()](uint32_t) { raw->OnReadable(); }));
  return listener;
}

AgentListener::~AgentListener() {
  loop_.Remove(watch_);
  unlink(options_.path.c_str());
}

void AgentListener::OnReadable() {
  FileDescriptor agent(
      accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!agent.valid()) {
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
      log::Warning("cannot accept an agent: {}", ErrnoText(errno));
    }
    return;
  }
  if (IsWelcome(agent.get())) on_agent_(std::move(agent));
}

bool AgentListener::IsWelcome(int socket) const {
  ucred peer = {};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return false;
  }
  if (peer.uid == 0 || peer.uid == geteuid() ||
      peer.uid == options_.agent_user) {
    return true;
  }
  log::Warning(
      "a process of user number {} is turned away from {}; set agent_user if "
      "that is the agent",
      peer.uid, options_.path);
  return false;
}

}  // namespace tutti::runner
