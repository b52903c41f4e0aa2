#include "controller/rpc/agent_service.h"

#include <utility>

#include "common/transport/transport.h"
#include "controller/rpc/committed_answer.h"
#include "controller/rpc/responder.h"
#include "controller/sessions/agent_session.h"
#include "controller/sessions/output_stream.h"

namespace tutti::controller {
namespace {

template <typename Response>
Response WithCertificates(const IssuedCertificate& issued) {
  Response response;
  for (const std::string& certificate : issued.certificates) {
    response.add_certificates(certificate);
  }
  return response;
}

}  // namespace

// A certificate is made before the registry is asked, because the registry
// notes when it ends; it goes out only when the registry says yes.
grpc::ServerUnaryReactor* AgentService::Enroll(
    grpc::CallbackServerContext* context, const v1::EnrollRequest* request,
    v1::EnrollResponse* response) {
  return Serve(*context, *response, [&](Identity token, auto responder) {
    worker_.Post([this, token = std::move(token.name), name = request->name(),
                  signing_request = request->signing_request(),
                  responder = std::move(responder)]() mutable {
      const absl::Time now = clock_.Now();
      absl::StatusOr<IssuedCertificate> issued =
          issuer_.IssueAgent(name, signing_request, now);
      if (!issued.ok()) {
        responder(issued.status());
        return;
      }
      core_thread_.Post([this, now, token, name, issued = *std::move(issued),
                         responder = std::move(responder)](Core& core) mutable {
        JournalBatch batch;
        const absl::Status status = core.registry().Enroll(
            token, name, issued.key_fingerprint, issued.expires_at, now, batch);
        auto answer = WithCertificates<v1::EnrollResponse>(issued);
        answer.set_fleet(issuer_.fleet());
        AnswerWhenCommitted(effects_, status, std::move(batch),
                            std::move(answer), std::move(responder));
      });
    });
  });
}

grpc::ServerUnaryReactor* AgentService::Renew(
    grpc::CallbackServerContext* context, const v1::RenewRequest* request,
    v1::RenewResponse* response) {
  return Serve(*context, *response, [&](Identity agent, auto responder) {
    absl::StatusOr<Certificate> certificate =
        PeerCertificate(*context->auth_context());
    if (!certificate.ok()) {
      responder(certificate.status());
      return;
    }
    worker_.Post([this, name = std::move(agent.name),
                  old_key = certificate->key_fingerprint(),
                  signing_request = request->signing_request(),
                  responder = std::move(responder)]() mutable {
      absl::StatusOr<IssuedCertificate> issued =
          issuer_.IssueAgent(name, signing_request, clock_.Now());
      if (!issued.ok()) {
        responder(issued.status());
        return;
      }
      core_thread_.Post([this, name, old_key, issued = *std::move(issued),
                         responder = std::move(responder)](Core& core) mutable {
        JournalBatch batch;
        const absl::Status status = core.registry().Renew(
            name, old_key, issued.key_fingerprint, issued.expires_at, batch);
        AnswerWhenCommitted(effects_, status, std::move(batch),
                            WithCertificates<v1::RenewResponse>(issued),
                            std::move(responder));
      });
    });
  });
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>*
AgentService::Session(grpc::CallbackServerContext* context) {
  return AgentSession::Begin(*context, core_thread_, sessions_);
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>*
AgentService::SendOutput(grpc::CallbackServerContext* context) {
  return OutputStream::Begin(*context, core_thread_, sessions_);
}

}  // namespace tutti::controller
