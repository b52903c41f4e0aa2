// AgentService: enrolment, and the streams of controller/sessions.
#ifndef CONTROLLER_RPC_AGENT_SERVICE_H_
#define CONTROLLER_RPC_AGENT_SERVICE_H_

#include <string>

#include "common/base/clock.h"
#include "controller/core/core.h"
#include "controller/core_thread/core_thread.h"
#include "controller/enrollment/certificate_issuer.h"
#include "controller/rpc/worker_thread.h"
#include "controller/sessions/session_table.h"
#include "tutti/v1/agents.grpc.pb.h"

namespace tutti::controller {

// The streams are raw, so that what goes to thousands of agents is encoded
// once (controller/sessions/session_encoding.h). Thread-safe.
class AgentService final
    : public v1::AgentService::WithCallbackMethod_Enroll<
          v1::AgentService::WithCallbackMethod_Renew<
              v1::AgentService::WithRawCallbackMethod_Session<
                  v1::AgentService::WithRawCallbackMethod_SendOutput<
                      v1::AgentService::Service>>>> {
 public:
  // `effects` is used on the core thread.
  AgentService(CoreThread& core_thread, WorkerThread& worker, Effects& effects,
               SessionTable& sessions, const CertificateIssuer& issuer,
               const Clock& clock)
      : core_thread_(core_thread),
        worker_(worker),
        effects_(effects),
        sessions_(sessions),
        issuer_(issuer),
        clock_(clock) {}

  grpc::ServerUnaryReactor* Enroll(grpc::CallbackServerContext* context,
                                   const v1::EnrollRequest* request,
                                   v1::EnrollResponse* response) override;
  grpc::ServerUnaryReactor* Renew(grpc::CallbackServerContext* context,
                                  const v1::RenewRequest* request,
                                  v1::RenewResponse* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Session(
      grpc::CallbackServerContext* context) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* SendOutput(
      grpc::CallbackServerContext* context) override;

 private:
  CoreThread& core_thread_;
  WorkerThread& worker_;
  Effects& effects_;
  SessionTable& sessions_;
  const CertificateIssuer& issuer_;
  const Clock& clock_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_RPC_AGENT_SERVICE_H_
