// ControllerService: who is there.
#ifndef CONTROLLER_RPC_CONTROLLER_SERVICE_H_
#define CONTROLLER_RPC_CONTROLLER_SERVICE_H_

#include <string>

#include "absl/time/time.h"
#include "controller/core_thread/core_thread.h"
#include "tutti/v1/fleet.grpc.pb.h"

namespace tutti::controller {

// Thread-safe.
class ControllerService final : public v1::ControllerService::CallbackService {
 public:
  ControllerService(CoreThread& core_thread, std::string fleet,
                    absl::Time started_at)
      : core_thread_(core_thread),
        fleet_(std::move(fleet)),
        started_at_(started_at) {}

  grpc::ServerUnaryReactor* GetController(
      grpc::CallbackServerContext* context,
      const v1::GetControllerRequest* request,
      v1::GetControllerResponse* response) override;

 private:
  CoreThread& core_thread_;
  const std::string fleet_;
  const absl::Time started_at_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_RPC_CONTROLLER_SERVICE_H_
