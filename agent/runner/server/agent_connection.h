// One agent at the runner's socket.
#ifndef AGENT_RUNNER_SERVER_AGENT_CONNECTION_H_
#define AGENT_RUNNER_SERVER_AGENT_CONNECTION_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "agent/runner/core/attempt_table.h"
#include "agent/runner/processes/event_loop.h"
#include "agent/runner/processes/held_task.h"
#include "common/base/file_descriptor.h"
#include "tutti/runner/v1/runner.pb.h"

namespace tutti::runner {

// Decodes packets, and sends without ever waiting: of an attempt that changes
// faster than the agent reads only the newest state goes out, so that what is
// queued is bounded by the number of attempts; of other answers there may be a
// mebibyte, and an agent that reads too slowly for that is cut off. One thread
// only, the loop's.
class AgentConnection {
 public:
  struct Callbacks {
    // `envelope` of a StartAttempt is filled in, wherever it came. The
    // descriptors are those of a ReturnTask.
    absl::AnyInvocable<void(v1::AgentMessage, std::vector<FileDescriptor>)>
        on_message;
    // State of an attempt at the moment of sending; empty: nothing to say.
    absl::AnyInvocable<std::optional<v1::AttemptState>(AttemptId)> state_of;
    // What the agent is to hold of it; empty: nothing.
    absl::AnyInvocable<std::optional<HeldDescription>(AttemptId)> held_of;
    // The connection is of no use any more. May not destroy it at once.
    absl::AnyInvocable<void()> on_closed;
  };

  static absl::StatusOr<std::unique_ptr<AgentConnection>> Create(
      EventLoop& loop, FileDescriptor socket, Callbacks callbacks);
  ~AgentConnection();

  void Queue(const v1::RunnerMessage& message);
  void QueueStateOf(AttemptId id);
  // The attempt goes. An agent that was not told of it yet reads too slowly:
  // it is cut off, and asks again after the next listing.
  void Forget(AttemptId id);
  // Sends what is queued, as far as the socket takes it.
  void Flush();

  // Hello has been said, so that states are welcome.
  bool greeted() const { return greeted_; }
  void set_greeted() { greeted_ = true; }
  // How many returned tasks are still to come before it is greeted.
  uint32_t returns_awaited() const { return returns_awaited_; }
  void set_returns_awaited(uint32_t count) { returns_awaited_ = count; }

 private:
  AgentConnection(EventLoop& loop, FileDescriptor socket, Callbacks callbacks)
      : loop_(loop),
        socket_(std::move(socket)),
        callbacks_(std::move(callbacks)) {}
  void OnEvents(uint32_t events);
  // False when there was none.
  bool ReceiveOne();
  absl::Status Decode(std::string_view packet,
                      std::vector<FileDescriptor> descriptors);
  // False when the socket is full or broken.
  bool SendFirst();
  bool SendState(AttemptId id);
  bool GiveToHold(AttemptId id);
  bool Send(std::string_view packet, const std::vector<int>& descriptors);
  void CloseBecause(std::string_view reason);

  EventLoop& loop_;
  FileDescriptor socket_;
  Callbacks callbacks_;
  EventLoop::Watch watch_ = 0;
  bool greeted_ = false;
  uint32_t returns_awaited_ = 0;
  bool closed_ = false;
  bool waits_for_room_ = false;
  std::deque<std::variant<AttemptId, std::string>> queue_;
  // Of its strings.
  size_t queued_bytes_ = 0;
  // Those of `queue_`.
  absl::flat_hash_set<AttemptId> queued_;
  // Those that the agent was given to hold.
  absl::flat_hash_set<AttemptId> held_;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_SERVER_AGENT_CONNECTION_H_
