// AgentRegistryService over the core.
#ifndef CONTROLLER_RPC_AGENT_REGISTRY_SERVICE_H_
#define CONTROLLER_RPC_AGENT_REGISTRY_SERVICE_H_

#include "controller/core_thread/core_thread.h"
#include "tutti/v1/fleet.grpc.pb.h"

namespace tutti::controller {

// Hands calls to the core. Thread-safe.
class AgentRegistryService final
    : public v1::AgentRegistryService::CallbackService {
 public:
  explicit AgentRegistryService(CoreThread& core_thread)
      : core_thread_(core_thread) {}

  grpc::ServerUnaryReactor* ListAgents(
      grpc::CallbackServerContext* context,
      const v1::ListAgentsRequest* request,
      v1::ListAgentsResponse* response) override;
  grpc::ServerUnaryReactor* LabelAgents(
      grpc::CallbackServerContext* context,
      const v1::LabelAgentsRequest* request,
      v1::LabelAgentsResponse* response) override;
  grpc::ServerUnaryReactor* RemoveAgent(
      grpc::CallbackServerContext* context,
      const v1::RemoveAgentRequest* request,
      v1::RemoveAgentResponse* response) override;

 private:
  CoreThread& core_thread_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_RPC_AGENT_REGISTRY_SERVICE_H_
