// One session of the controller's own host with the core.
#ifndef CONTROLLER_LOCAL_LOCAL_SESSION_H_
#define CONTROLLER_LOCAL_LOCAL_SESSION_H_

#include <atomic>
#include <cstddef>
#include <memory>

#include "absl/status/status.h"
#include "common/base/executor.h"
#include "controller/core_thread/core_thread.h"
#include "controller/sessions/agent_streams.h"
#include "controller/sessions/session_table.h"
#include "tutti/v1/agents.pb.h"

namespace tutti::controller {

// What a session over the network does, between two threads of one program:
// hands messages on, bounded in bytes in both directions. Shared by the host
// that opened it, the table of sessions, and what is on its way between them.
class LocalSession final : public ControlStream,
                           public BulkStream,
                           public std::enable_shared_from_this<LocalSession> {
 public:
  // Called on the executor's thread, until Close.
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void OnSessionMessage(v1::SessionResponse message) = 0;
    virtual void OnCredit(const v1::SendOutputResponse& message) = 0;
    // After a Send... answered false.
    virtual void OnReportsWritable() = 0;
    virtual void OnOutputWritable() = 0;
    // It is to end, and another one to follow; Close is still to come.
    virtual void OnEnded(const absl::Status& why) = 0;
  };

  // All must outlive whoever calls it.
  LocalSession(Executor& executor, CoreThread& core_thread, SessionTable& table,
               Listener& listener)
      : executor_(executor),
        core_thread_(core_thread),
        table_(table),
        listener_(listener),
        id_(table.NewId()) {}

  // --- for the host, on the executor's thread ---
  // First of all.
  void SendHello(v1::AgentHello hello);
  // False: too much waits for the core; the listener hears when it is taken.
  bool SendReport(v1::AgentReport report);
  bool SendOutput(v1::SendOutputRequest request);
  // Last.
  void Close();

  // --- for the core, on its thread ---
  void Send(const v1::SessionResponse& response) override;
  void Assign(const Assignment& assignment) override;
  void SendInput(const InputPiece& piece) override;
  void SendCredit(const v1::SendOutputResponse& response) override;
  // From any thread; the listener hears later.
  void End(const absl::Status& why) override;

 private:
  // Bytes of one kind that wait for the core.
  struct Backlog {
    size_t bytes = 0;
    bool full = false;

    // False: that is too much.
    bool Add(size_t more);
    // True: there is room again.
    bool Take(size_t less);
  };

  void Deliver(v1::SessionResponse message);
  // Runs `task` on the executor's thread unless the session is closed by then.
  void PostToHost(Executor::Task task);

  Executor& executor_;
  CoreThread& core_thread_;
  SessionTable& table_;
  Listener& listener_;
  const SessionId id_;

  // The executor's own.
  bool closed_ = false;
  Backlog reports_;
  Backlog output_;

  // Given to the host and not yet taken by it.
  std::atomic<size_t> undelivered_bytes_ = 0;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_LOCAL_LOCAL_SESSION_H_
