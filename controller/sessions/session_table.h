// The streams of agents and of the controller's own host that are open now.
#ifndef CONTROLLER_SESSIONS_SESSION_TABLE_H_
#define CONTROLLER_SESSIONS_SESSION_TABLE_H_

#include <atomic>
#include <memory>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "controller/core/core.h"
#include "controller/sessions/agent_streams.h"

namespace tutti::controller {

// Finds the streams that the core's effects are for. Used on the core thread
// only, but for NewId.
class SessionTable {
 public:
  // Thread-safe.
  SessionId NewId() { return next_id_++; }

  void Add(SessionId session, std::shared_ptr<ControlStream> control);
  // The bulk stream ends with it.
  void Remove(SessionId session);
  // Ends an older one of the same session.
  void AddOutput(SessionId session, std::shared_ptr<BulkStream> output);
  // Without effect unless it is the session's current one.
  void RemoveOutput(SessionId session, const BulkStream& output);

  // Each is without effect when the session is gone.
  void Send(SessionId session, const v1::SessionResponse& response);
  void Assign(SessionId session, const Assignment& assignment);
  void SendInput(SessionId session, const InputPiece& piece);
  void SendOutputCredit(SessionId session,
                        const v1::SendOutputResponse& response);
  void End(SessionId session, const absl::Status& why);

  // Ends all sessions, and those that come from now on.
  void EndAll(const absl::Status& why);

 private:
  struct Streams {
    // Shared with those who serve them, who may still be about to end them.
    std::shared_ptr<ControlStream> control;
    std::shared_ptr<BulkStream> output;
  };

  std::atomic<SessionId> next_id_ = 1;
  absl::flat_hash_map<SessionId, Streams> sessions_;
  std::optional<absl::Status> ended_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_SESSIONS_SESSION_TABLE_H_
