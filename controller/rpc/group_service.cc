#include "controller/rpc/group_service.h"

#include <string>
#include <utility>

#include "controller/rpc/committed_answer.h"
#include "controller/rpc/responder.h"

namespace tutti::controller {

grpc::ServerUnaryReactor* GroupService::ListGroups(
    grpc::CallbackServerContext* context, const v1::ListGroupsRequest* request,
    v1::ListGroupsResponse* response) {
  return ServeOnCore(
      *context, core_thread_, *request, *response,
      [](Core& core, const std::string&, const auto& wanted, auto responder) {
        responder(core.groups().List(wanted));
      });
}

grpc::ServerUnaryReactor* GroupService::SetGroup(
    grpc::CallbackServerContext* context, const v1::SetGroupRequest* request,
    v1::SetGroupResponse* response) {
  return ServeOnCore(
      *context, core_thread_, *request, *response,
      [this](Core& core, const std::string& caller, const auto& wanted,
             auto responder) {
        JournalBatch batch;
        const absl::StatusOr<v1::SetGroupResponse> answer =
            core.groups().Set(wanted, caller, clock_.Now(), batch);
        AnswerWhenCommitted(effects_, answer.status(), std::move(batch),
                            answer.value_or(v1::SetGroupResponse()),
                            std::move(responder));
      });
}

grpc::ServerUnaryReactor* GroupService::RemoveGroup(
    grpc::CallbackServerContext* context, const v1::RemoveGroupRequest* request,
    v1::RemoveGroupResponse* response) {
  return ServeOnCore(
      *context, core_thread_, *request, *response,
      [this](Core& core, const std::string&, const auto& wanted,
             auto responder) {
        JournalBatch batch;
        const absl::Status status = core.groups().Remove(wanted.name(), batch);
        AnswerWhenCommitted(effects_, status, std::move(batch),
                            v1::RemoveGroupResponse(), std::move(responder));
      });
}

}  // namespace tutti::controller
