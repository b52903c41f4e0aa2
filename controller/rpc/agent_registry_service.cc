#include "controller/rpc/agent_registry_service.h"

#include <string>
#include <utility>

#include "controller/rpc/responder.h"

namespace tutti::controller {

grpc::ServerUnaryReactor* AgentRegistryService::ListAgents(
    grpc::CallbackServerContext* context, const v1::ListAgentsRequest* request,
    v1::ListAgentsResponse* response) {
  return ServeOnCore(*context, core_thread_, *request, *response,
                     [](Core& core, const std::string& caller,
                        const auto& wanted, auto responder) {
                       core.ListAgents(caller, wanted, std::move(responder));
                     });
}

grpc::ServerUnaryReactor* AgentRegistryService::LabelAgents(
    grpc::CallbackServerContext* context, const v1::LabelAgentsRequest* request,
    v1::LabelAgentsResponse* response) {
  return ServeOnCore(*context, core_thread_, *request, *response,
                     [](Core& core, const std::string& caller,
                        const auto& wanted, auto responder) {
                       core.LabelAgents(caller, wanted, std::move(responder));
                     });
}

grpc::ServerUnaryReactor* AgentRegistryService::RemoveAgent(
    grpc::CallbackServerContext* context, const v1::RemoveAgentRequest* request,
    v1::RemoveAgentResponse* response) {
  return ServeOnCore(
      *context, core_thread_, *request, *response,
      [](Core& core, const std::string&, const auto& wanted, auto responder) {
        core.RemoveAgent(wanted, std::move(responder));
      });
}

}  // namespace tutti::controller
