#include "agent/runner/server/agent_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace tutti::runner {
namespace {

constexpr size_t kMaxPacketBytes = 64 << 10;
// A spec of 4 MiB with its certificates.
constexpr size_t kMaxEnvelopeBytes = 5 << 20;
// So many packets before the loop looks after something else.
constexpr int kPacketsAtOnce = 64;

// The first descriptor that came with a packet; others are closed.
FileDescriptor TakeDescriptor(msghdr& header) {
  FileDescriptor first;
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
       part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    const size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      FileDescriptor owned(fd);
      if (!first.valid()) first = std::move(owned);
    }
  }
  return first;
}

}  // namespace

absl::StatusOr<std::unique_ptr<AgentConnection>> AgentConnection::Create(
    EventLoop& loop, FileDescriptor socket, Callbacks callbacks) {
  auto connection = std::unique_ptr<AgentConnection>(
      new AgentConnection(loop, std::move(socket), std::move(callbacks)));
  TUTTI_ASSIGN_OR_RETURN(connection->watch_,
                         loop.Add(connection->socket_.get(), EPOLLIN,
                                  [raw = connection.get()](uint32_t events) {
                                    raw->OnEvents(events);
                                  }));
  return connection;
}

AgentConnection::~AgentConnection() { loop_.Remove(watch_); }

void AgentConnection::CloseBecause(std::string_view reason) {
  if (std::exchange(closed_, true)) return;
  log::Info("an agent's connection ends: {}", reason);
  loop_.Remove(watch_);
  queue_.clear();
  callbacks_.on_closed();
}

void AgentConnection::OnEvents(uint32_t events) {
  if ((events & EPOLLOUT) != 0) {
    waits_for_room_ = false;
    loop_.Change(watch_, EPOLLIN);
  }
  for (int i = 0; i < kPacketsAtOnce && !closed_; ++i) {
    if (!ReceiveOne()) return;
  }
}

bool AgentConnection::ReceiveOne() {
  std::array<char, kMaxPacketBytes> buffer;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control;
  iovec part = {buffer.data(), buffer.size()};
  msghdr header = {};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const ssize_t n =
      recvmsg(socket_.get(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  FileDescriptor memory_file =
      n > 0 ? TakeDescriptor(header) : FileDescriptor();
  if (n <= 0) {
    CloseBecause(n == 0 ? "it has closed it" : ErrnoText(errno));
    return false;
  }
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
    CloseBecause("a packet of it is too large");
    return false;
  }
  const absl::Status status =
      Decode({buffer.data(), static_cast<size_t>(n)}, std::move(memory_file));
  if (!status.ok()) CloseBecause(TextOf(status));
  return status.ok();
}

absl::Status AgentConnection::Decode(std::string_view packet,
                                     FileDescriptor memory_file) {
  v1::AgentMessage message;
  if (!message.ParseFromArray(packet.data(), static_cast<int>(packet.size()))) {
    return InvalidArgument("a packet of it can not be parsed");
  }
  if (message.has_start() && message.start().envelope().empty()) {
    if (!memory_file.valid()) {
      return InvalidArgument("a start of it came without an envelope");
    }
    TUTTI_ASSIGN_OR_RETURN(
        *message.mutable_start()->mutable_envelope(),
        ReadSealedMemoryFile(memory_file.get(), kMaxEnvelopeBytes));
  }
  callbacks_.on_message(std::move(message));
  return absl::OkStatus();
}

void AgentConnection::Queue(const v1::RunnerMessage& message) {
  queue_.emplace_back(message.SerializeAsString());
}

void AgentConnection::QueueStateOf(AttemptId id) {
  if (queued_.insert(id).second) queue_.emplace_back(id);
}

void AgentConnection::Forget(AttemptId id) {
  if (queued_.contains(id)) {
    CloseBecause("it does not read the answers to what it asks");
  }
}

void AgentConnection::Flush() {
  while (!queue_.empty() && !waits_for_room_ && !closed_) {
    if (!SendFirst()) return;
    if (const auto* id = std::get_if<AttemptId>(&queue_.front())) {
      queued_.erase(*id);
    }
    queue_.pop_front();
  }
}

bool AgentConnection::SendFirst() {
  std::string state_packet;
  const std::string* packet = std::get_if<std::string>(&queue_.front());
  if (packet == nullptr) {
    v1::RunnerMessage message;
    std::optional<v1::AttemptState> state =
        callbacks_.state_of(std::get<AttemptId>(queue_.front()));
    if (!state.has_value()) return true;
    *message.mutable_state() = *std::move(state);
    state_packet = message.SerializeAsString();
    packet = &state_packet;
  }
  const ssize_t n = send(socket_.get(), packet->data(), packet->size(),
                         MSG_DONTWAIT | MSG_NOSIGNAL);
  if (n >= 0) return true;
  if (errno == EAGAIN || errno == ENOBUFS) {
    waits_for_room_ = true;
    loop_.Change(watch_, EPOLLIN | EPOLLOUT);
  } else if (errno != EINTR) {
    CloseBecause(ErrnoText(errno));
  }
  return false;
}

}  // namespace tutti::runner
