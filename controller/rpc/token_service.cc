#include "controller/rpc/token_service.h"

#include <string>
#include <utility>

#include "common/base/duration.h"
#include "common/base/uuid.h"
#include "controller/rpc/committed_answer.h"
#include "controller/rpc/responder.h"

namespace tutti::controller {
namespace {

// The random end of a UUID: short enough to be typed.
std::string NewTokenId(absl::Time now) {
  const std::string uuid = Uuid::Generate(now).ToString();
  return uuid.substr(uuid.rfind('-') + 1);
}

v1::CreateTokenResponse MakeAnswer(const std::string& id,
                                   IssuedCertificate issued) {
  v1::CreateTokenResponse answer;
  answer.set_id(id);
  *answer.mutable_expires_at() = ToProto(issued.expires_at);
  for (std::string& certificate : issued.certificates) {
    answer.add_certificates(std::move(certificate));
  }
  return answer;
}

}  // namespace

grpc::ServerUnaryReactor* TokenService::CreateToken(
    grpc::CallbackServerContext* context, const v1::CreateTokenRequest* request,
    v1::CreateTokenResponse* response) {
  return Serve(*context, *response, [&](Identity caller, auto responder) {
    worker_.Post([this, caller = std::move(caller.name), request = *request,
                  responder = std::move(responder)]() mutable {
      const absl::Time now = clock_.Now();
      const std::string id = NewTokenId(now);
      absl::StatusOr<IssuedCertificate> issued = issuer_.IssueBootstrap(
          id, request.signing_request(), now, now + ToDuration(request.life()));
      if (!issued.ok()) {
        responder(issued.status());
        return;
      }
      core_thread_.Post([this, now, id, caller, request = std::move(request),
                         answer = MakeAnswer(id, *std::move(issued)),
                         responder = std::move(responder)](Core& core) mutable {
        JournalBatch batch;
        const absl::Status status =
            core.registry()
                .CreateToken(request, id, caller, now, batch)
                .status();
        AnswerWhenCommitted(effects_, status, std::move(batch),
                            std::move(answer), std::move(responder));
      });
    });
  });
}

grpc::ServerUnaryReactor* TokenService::ListTokens(
    grpc::CallbackServerContext* context, const v1::ListTokensRequest* request,
    v1::ListTokensResponse* response) {
  return ServeOnCore(
      *context, core_thread_, *request, *response,
      [this](Core& core, const std::string&, const auto& wanted,
             auto responder) {
        responder(core.registry().ListTokens(wanted.all(), clock_.Now()));
      });
}

grpc::ServerUnaryReactor* TokenService::RevokeToken(
    grpc::CallbackServerContext* context, const v1::RevokeTokenRequest* request,
    v1::RevokeTokenResponse* response) {
  return ServeOnCore(*context, core_thread_, *request, *response,
                     [this](Core& core, const std::string&, const auto& wanted,
                            auto responder) {
                       JournalBatch batch;
                       const absl::Status status =
                           core.registry().RevokeToken(wanted.id(), batch);
                       AnswerWhenCommitted(effects_, status, std::move(batch),
                                           v1::RevokeTokenResponse(),
                                           std::move(responder));
                     });
}

}  // namespace tutti::controller
