#include "controller/rpc/controller_service.h"

#include <string>
#include <utility>

#include "common/base/duration.h"
#include "controller/rpc/responder.h"

namespace tutti::controller {

grpc::ServerUnaryReactor* ControllerService::GetController(
    grpc::CallbackServerContext* context,
    const v1::GetControllerRequest* request,
    v1::GetControllerResponse* response) {
  return ServeOnCore(
      *context, core_thread_, *request, *response,
      [this](Core& core, const std::string&, const auto&, auto responder) {
        v1::GetControllerResponse answer;
        answer.set_fleet(fleet_);
        answer.set_version(TUTTI_VERSION);
        *answer.mutable_started_at() = ToProto(started_at_);
        answer.set_agents(
            static_cast<uint32_t>(core.registry().names().size()));
        answer.set_agents_online(
            static_cast<uint32_t>(core.registry().online_count()));
        responder(std::move(answer));
      });
}

}  // namespace tutti::controller
