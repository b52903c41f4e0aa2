#include "controller/sessions/output_stream.h"

#include <utility>

#include "common/base/errors.h"
#include "common/transport/transport.h"
#include "controller/sessions/session_encoding.h"

namespace tutti::controller {

OutputStream* OutputStream::Begin(grpc::CallbackServerContext& context,
                                  CoreThread& core_thread,
                                  SessionTable& table) {
  auto stream = std::make_shared<OutputStream>(context, core_thread, table);
  stream->Hold(stream);
  absl::StatusOr<Identity> agent = PeerIdentity(*context.auth_context());
  if (agent.ok()) {
    core_thread.Post([stream, agent = std::move(agent->name)](Core& core) {
      stream->FindSession(core, agent);
    });
  } else {
    stream->End(agent.status());
  }
  return stream.get();
}

void OutputStream::SendCredit(const v1::SendOutputResponse& response) {
  Write(Encode(response));
}

void OutputStream::FindSession(Core& core, std::string_view agent) {
  session_ = core.SessionOf(agent);
  if (session_ == 0) {
    End(FailedPrecondition("agent {} has no session; open one first", agent));
    return;
  }
  table_.AddOutput(session_, shared_from_this());
  BeginReading();
}

void OutputStream::OnMessage(grpc::ByteBuffer& message) {
  const size_t bytes = message.Length();
  v1::SendOutputRequest request;
  if (!Decode(message, request)) {
    End(
        InvalidArgument("a message that is no SendOutputRequest; use programs "
                        "of the same version"));
    Consumed(bytes);
    return;
  }
  core_thread_.Post([stream = shared_from_this(), request = std::move(request),
                     bytes](Core& core) mutable {
    core.OnOutput(stream->session_, std::move(request));
    stream->Consumed(bytes);
  });
}

void OutputStream::OnClosed(std::shared_ptr<ByteStream> self) {
  core_thread_.Post([this, self = std::move(self)](Core&) {
    if (session_ != 0) table_.RemoveOutput(session_, *this);
  });
}

}  // namespace tutti::controller
