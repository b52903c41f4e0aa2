// The bulk output of one agent.
#ifndef CONTROLLER_SESSIONS_OUTPUT_STREAM_H_
#define CONTROLLER_SESSIONS_OUTPUT_STREAM_H_

#include <memory>
#include <string>

#include "controller/core/core.h"
#include "controller/core_thread/core_thread.h"
#include "controller/sessions/agent_streams.h"
#include "controller/sessions/byte_stream.h"
#include "controller/sessions/session_table.h"

namespace tutti::controller {

// Decodes what the agent sends and tells the core. Reads nothing before it has
// found the agent's session. Lives as ByteStream says.
class OutputStream final : public ByteStream,
                           public BulkStream,
                           public std::enable_shared_from_this<OutputStream> {
 public:
  // The reactor for a SendOutput call.
  static OutputStream* Begin(grpc::CallbackServerContext& context,
                             CoreThread& core_thread, SessionTable& table);

  OutputStream(grpc::CallbackServerContext& context, CoreThread& core_thread,
               SessionTable& table)
      : ByteStream(context), core_thread_(core_thread), table_(table) {}

  void SendCredit(const v1::SendOutputResponse& response) override;
  void End(const absl::Status& why) override { ByteStream::End(why); }

 private:
  void OnMessage(grpc::ByteBuffer& message) override;
  void OnClosed(std::shared_ptr<ByteStream> self) override;

  // On the core thread.
  void FindSession(Core& core, std::string_view agent);

  CoreThread& core_thread_;
  SessionTable& table_;
  // The core thread's own; 0 until it is found.
  SessionId session_ = 0;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_SESSIONS_OUTPUT_STREAM_H_
