// The control session of one agent.
#ifndef CONTROLLER_SESSIONS_AGENT_SESSION_H_
#define CONTROLLER_SESSIONS_AGENT_SESSION_H_

#include <memory>

#include "controller/core/core.h"
#include "controller/core_thread/core_thread.h"
#include "controller/sessions/agent_streams.h"
#include "controller/sessions/byte_stream.h"
#include "controller/sessions/session_table.h"

namespace tutti::controller {

// Decodes what the agent says and tells the core. Lives as ByteStream says;
// in the table from its hello until it is closed.
class AgentSession final : public ByteStream,
                           public ControlStream,
                           public std::enable_shared_from_this<AgentSession> {
 public:
  // The reactor for a Session call. An agent that can not be told who it is
  // gets a call that ends at once.
  static AgentSession* Begin(grpc::CallbackServerContext& context,
                             CoreThread& core_thread, SessionTable& table);

  AgentSession(grpc::CallbackServerContext& context, CoreThread& core_thread,
               SessionTable& table)
      : ByteStream(context),
        core_thread_(core_thread),
        table_(table),
        id_(table.NewId()) {}

  void Send(const v1::SessionResponse& response) override;
  void Assign(const Assignment& assignment) override;
  void SendInput(const InputPiece& piece) override;
  void End(const absl::Status& why) override { ByteStream::End(why); }

 private:
  void OnMessage(grpc::ByteBuffer& message) override;
  void OnClosed(std::shared_ptr<ByteStream> self) override;

  void OnHello(v1::AgentHello hello, size_t bytes);
  void OnReport(v1::AgentReport report, size_t bytes);

  CoreThread& core_thread_;
  SessionTable& table_;
  const SessionId id_;
  Core::AgentPeer peer_;
  // Reactions' own: a hello came.
  bool greeted_ = false;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_SESSIONS_AGENT_SESSION_H_
