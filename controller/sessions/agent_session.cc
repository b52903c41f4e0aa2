#include "controller/sessions/agent_session.h"

#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/transport/transport.h"
#include "controller/sessions/peer_address.h"
#include "controller/sessions/session_encoding.h"

namespace tutti::controller {
namespace {

absl::StatusOr<Core::AgentPeer> PeerOf(grpc::CallbackServerContext& context) {
  const std::shared_ptr<const grpc::AuthContext> authentication =
      context.auth_context();
  TUTTI_ASSIGN_OR_RETURN(const Identity identity,
                         PeerIdentity(*authentication));
  TUTTI_ASSIGN_OR_RETURN(const Certificate certificate,
                         PeerCertificate(*authentication));
  return Core::AgentPeer{.name = identity.name,
                         .key_fingerprint = certificate.key_fingerprint(),
                         .address = PeerAddress(context.peer())};
}

}  // namespace

AgentSession* AgentSession::Begin(grpc::CallbackServerContext& context,
                                  CoreThread& core_thread,
                                  SessionTable& table) {
  auto session = std::make_shared<AgentSession>(context, core_thread, table);
  session->Hold(session);
  absl::StatusOr<Core::AgentPeer> peer = PeerOf(context);
  if (peer.ok()) {
    session->peer_ = *std::move(peer);
    session->BeginReading();
  } else {
    session->End(peer.status());
  }
  return session.get();
}

void AgentSession::Send(const v1::SessionResponse& response) {
  Write(Encode(response));
}

void AgentSession::Assign(const Assignment& assignment) {
  Write(EncodeAssignment(assignment));
}

void AgentSession::SendInput(const InputPiece& piece) {
  Write(EncodeInput(piece));
}

void AgentSession::OnMessage(grpc::ByteBuffer& message) {
  const size_t bytes = message.Length();
  v1::SessionRequest request;
  if (!Decode(message, request)) {
    End(
        InvalidArgument("a message that is no SessionRequest; use programs of "
                        "the same version"));
  } else if (request.has_hello() && !greeted_) {
    greeted_ = true;
    OnHello(std::move(*request.mutable_hello()), bytes);
    return;
  } else if (request.has_report() && greeted_) {
    OnReport(std::move(*request.mutable_report()), bytes);
    return;
  } else {
    End(
        InvalidArgument("a session begins with one hello, reports follow; use "
                        "programs of the same version"));
  }
  Consumed(bytes);
}

void AgentSession::OnHello(v1::AgentHello hello, size_t bytes) {
  core_thread_.Post([session = shared_from_this(), hello = std::move(hello),
                     bytes](Core& core) {
    session->table_.Add(session->id_, session);
    core.OnHello(session->id_, session->peer_, hello);
    session->Consumed(bytes);
  });
}

void AgentSession::OnReport(v1::AgentReport report, size_t bytes) {
  core_thread_.Post([session = shared_from_this(), report = std::move(report),
                     bytes](Core& core) mutable {
    core.OnReport(session->id_, std::move(report));
    session->Consumed(bytes);
  });
}

void AgentSession::OnClosed(std::shared_ptr<ByteStream> self) {
  if (!greeted_) return;
  core_thread_.Post([this, self = std::move(self)](Core& core) {
    table_.Remove(id_);
    core.OnSessionClosed(id_);
  });
}

}  // namespace tutti::controller
