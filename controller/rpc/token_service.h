// TokenService over registry and issuer.
#ifndef CONTROLLER_RPC_TOKEN_SERVICE_H_
#define CONTROLLER_RPC_TOKEN_SERVICE_H_

#include "common/base/clock.h"
#include "controller/core/core.h"
#include "controller/core_thread/core_thread.h"
#include "controller/enrollment/certificate_issuer.h"
#include "controller/rpc/worker_thread.h"
#include "tutti/v1/fleet.grpc.pb.h"

namespace tutti::controller {

// Answers when what changed is in the journal. Thread-safe.
class TokenService final : public v1::TokenService::CallbackService {
 public:
  // `effects` is used on the core thread.
  TokenService(CoreThread& core_thread, WorkerThread& worker, Effects& effects,
               const CertificateIssuer& issuer, const Clock& clock)
      : core_thread_(core_thread),
        worker_(worker),
        effects_(effects),
        issuer_(issuer),
        clock_(clock) {}

  grpc::ServerUnaryReactor* CreateToken(
      grpc::CallbackServerContext* context,
      const v1::CreateTokenRequest* request,
      v1::CreateTokenResponse* response) override;
  grpc::ServerUnaryReactor* ListTokens(
      grpc::CallbackServerContext* context,
      const v1::ListTokensRequest* request,
      v1::ListTokensResponse* response) override;
  grpc::ServerUnaryReactor* RevokeToken(
      grpc::CallbackServerContext* context,
      const v1::RevokeTokenRequest* request,
      v1::RevokeTokenResponse* response) override;

 private:
  CoreThread& core_thread_;
  WorkerThread& worker_;
  Effects& effects_;
  const CertificateIssuer& issuer_;
  const Clock& clock_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_RPC_TOKEN_SERVICE_H_
