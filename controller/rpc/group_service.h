// GroupService over the core.
#ifndef CONTROLLER_RPC_GROUP_SERVICE_H_
#define CONTROLLER_RPC_GROUP_SERVICE_H_

#include "common/base/clock.h"
#include "controller/core/core.h"
#include "controller/core_thread/core_thread.h"
#include "tutti/v1/groups.grpc.pb.h"

namespace tutti::controller {

// Answers when what changed is in the journal. Thread-safe.
class GroupService final : public v1::GroupService::CallbackService {
 public:
  // `effects` is used on the core thread.
  GroupService(CoreThread& core_thread, Effects& effects, const Clock& clock)
      : core_thread_(core_thread), effects_(effects), clock_(clock) {}

  grpc::ServerUnaryReactor* ListGroups(
      grpc::CallbackServerContext* context,
      const v1::ListGroupsRequest* request,
      v1::ListGroupsResponse* response) override;
  grpc::ServerUnaryReactor* SetGroup(grpc::CallbackServerContext* context,
                                     const v1::SetGroupRequest* request,
                                     v1::SetGroupResponse* response) override;
  grpc::ServerUnaryReactor* RemoveGroup(
      grpc::CallbackServerContext* context,
      const v1::RemoveGroupRequest* request,
      v1::RemoveGroupResponse* response) override;

 private:
  CoreThread& core_thread_;
  Effects& effects_;
  const Clock& clock_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_RPC_GROUP_SERVICE_H_
