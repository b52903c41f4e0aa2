// What the core says to an agent, or to the controller's own host.
#ifndef CONTROLLER_SESSIONS_AGENT_STREAMS_H_
#define CONTROLLER_SESSIONS_AGENT_STREAMS_H_

#include "absl/status/status.h"
#include "controller/core/core.h"
#include "tutti/v1/agents.pb.h"

namespace tutti::controller {

// Given to a stream of either kind, but not yet sent. A peer that lets more
// pile up loses its session. Holds several of the largest envelopes.
inline constexpr size_t kMaxUnsentBytes = 32 << 20;
// Received on it, but not yet taken by the core: then no more is read.
inline constexpr size_t kMaxUnprocessedBytes = 1 << 20;

// A control session. Each call queues and returns at once.
class ControlStream {
 public:
  virtual ~ControlStream() = default;
  virtual void Send(const v1::SessionResponse& response) = 0;
  virtual void Assign(const Assignment& assignment) = 0;
  virtual void SendInput(const InputPiece& piece) = 0;
  // After what was sent. The first one counts.
  virtual void End(const absl::Status& why) = 0;
};

// The bulk output that belongs to a session.
class BulkStream {
 public:
  virtual ~BulkStream() = default;
  // Acknowledgements and credit.
  virtual void SendCredit(const v1::SendOutputResponse& response) = 0;
  virtual void End(const absl::Status& why) = 0;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_SESSIONS_AGENT_STREAMS_H_
