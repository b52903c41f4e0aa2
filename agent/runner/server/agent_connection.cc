#include "agent/runner/server/agent_connection.h"

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/descriptor_passing.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/jobs/states.h"
#include "common/runner_client/runner_protocol.h"

namespace tutti::runner {
namespace {

// A spec of 4 MiB with its certificates.
constexpr size_t kMaxEnvelopeBytes = 5 << 20;
// So many packets before the loop looks after something else. A start costs
// some 100 µs of verification, and a process less than a millisecond: with more
// of them the starter threads would wait.
constexpr int kPacketsAtOnce = 8;
constexpr size_t kMaxQueuedBytes = 1 << 20;
constexpr char kReadsTooSlowly[] =
    "it does not read the answers to what it asks";

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
  std::array<char, kMaxRunnerPacketBytes> buffer;
  PassedPacket packet =
      ReceivePassing(socket_.get(), buffer.data(), buffer.size());
  if (packet.error == EAGAIN) return false;
  if (packet.size <= 0) {
    CloseBecause(packet.size == 0 ? "it has closed it"
                                  : ErrnoText(packet.error));
    return false;
  }
  if (packet.truncated) {
    CloseBecause("a packet of it is too large");
    return false;
  }
  const absl::Status status =
      Decode({buffer.data(), static_cast<size_t>(packet.size)},
             std::move(packet.descriptors));
  if (!status.ok()) CloseBecause(TextOf(status));
  return status.ok();
}

absl::Status AgentConnection::Decode(std::string_view packet,
                                     std::vector<FileDescriptor> descriptors) {
  v1::AgentMessage message;
  if (!message.ParseFromArray(packet.data(), static_cast<int>(packet.size()))) {
    return InvalidArgument("a packet of it can not be parsed");
  }
  if (message.has_start() && message.start().envelope().empty()) {
    if (descriptors.empty()) {
      return InvalidArgument("a start of it came without an envelope");
    }
    TUTTI_ASSIGN_OR_RETURN(
        *message.mutable_start()->mutable_envelope(),
        ReadSealedMemoryFile(descriptors[0].get(), kMaxEnvelopeBytes));
  }
  callbacks_.on_message(std::move(message), std::move(descriptors));
  return absl::OkStatus();
}

void AgentConnection::Queue(const v1::RunnerMessage& message) {
  std::string packet = message.SerializeAsString();
  if (queued_bytes_ + packet.size() > kMaxQueuedBytes) {
    return CloseBecause(kReadsTooSlowly);
  }
  queued_bytes_ += packet.size();
  queue_.emplace_back(std::move(packet));
}

void AgentConnection::QueueStateOf(AttemptId id) {
  if (queued_.insert(id).second) queue_.emplace_back(id);
}

void AgentConnection::Forget(AttemptId id) {
  if (queued_.contains(id)) {
    CloseBecause(kReadsTooSlowly);
  }
}

void AgentConnection::Flush() {
  while (!queue_.empty() && !waits_for_room_ && !closed_) {
    if (!SendFirst()) return;
    if (const auto* id = std::get_if<AttemptId>(&queue_.front())) {
      queued_.erase(*id);
    } else {
      queued_bytes_ -= std::get<std::string>(queue_.front()).size();
    }
    queue_.pop_front();
  }
}

bool AgentConnection::SendFirst() {
  const auto* id = std::get_if<AttemptId>(&queue_.front());
  if (id != nullptr) return SendState(*id);
  return Send(std::get<std::string>(queue_.front()), {});
}

bool AgentConnection::SendState(AttemptId id) {
  std::optional<v1::AttemptState> state = callbacks_.state_of(id);
  if (!state.has_value()) return true;
  if (IsFinal(state->status().state())) {
    held_.erase(id);
  } else if (!held_.contains(id) && !GiveToHold(id)) {
    return false;
  }
  v1::RunnerMessage message;
  *message.mutable_state() = *std::move(state);
  return Send(message.SerializeAsString(), {});
}

bool AgentConnection::GiveToHold(AttemptId id) {
  const std::optional<HeldDescription> held = callbacks_.held_of(id);
  if (!held.has_value()) return true;
  v1::RunnerMessage message;
  *message.mutable_hold_task()->mutable_task() = held->task;
  if (!Send(message.SerializeAsString(), held->descriptors)) return false;
  held_.insert(id);
  return true;
}

bool AgentConnection::Send(std::string_view packet,
                           const std::vector<int>& descriptors) {
  const int error = SendPassing(socket_.get(), packet, descriptors);
  // Too many descriptors are on their way: the agent does without.
  if (error == 0 || error == ETOOMANYREFS) return true;
  if (error == EAGAIN || error == ENOBUFS) {
    waits_for_room_ = true;
    loop_.Change(watch_, EPOLLIN | EPOLLOUT);
  } else {
    CloseBecause(ErrnoText(error));
  }
  return false;
}

}  // namespace tutti::runner
