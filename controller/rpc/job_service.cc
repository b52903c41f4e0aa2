#include "controller/rpc/job_service.h"

#include <string>
#include <utility>

#include "common/base/errors.h"
#include "controller/rpc/responder.h"
#include "controller/rpc/upload_stream.h"
#include "controller/rpc/watch_stream.h"

namespace tutti::controller {

grpc::ServerUnaryReactor* JobService::ResolveTargets(
    grpc::CallbackServerContext* context,
    const v1::ResolveTargetsRequest* request,
    v1::ResolveTargetsResponse* response) {
  return ServeOnCore(*context, core_thread_, *request, *response,
                     [](Core& core, const std::string& caller,
                        const auto& wanted, auto responder) {
                       core.ResolveTargets(caller, wanted,
                                           std::move(responder));
                     });
}

grpc::ServerUnaryReactor* JobService::StartJob(
    grpc::CallbackServerContext* context, const v1::StartJobRequest* request,
    v1::StartJobResponse* response) {
  return Serve(
      *context, *response,
      [&](Identity caller, Responder<v1::StartJobResponse> responder) {
        worker_.Post([this, caller = std::move(caller.name), request = *request,
                      responder = std::move(responder)]() mutable {
          absl::StatusOr<PreparedJob> job =
              verifier_.Verify(std::move(request), caller, clock_.Now());
          const absl::Status status =
              job.ok() ? CheckContent(job->opened.spec) : job.status();
          if (!status.ok()) {
            responder(status);
            return;
          }
          core_thread_.Post(
              [job = *std::move(job),
               responder = std::move(responder)](Core& core) mutable {
                core.StartJob(std::move(job), std::move(responder));
              });
        });
      });
}

absl::Status JobService::CheckContent(const v1::JobSpec& spec) {
  if (!spec.has_copy() || contents_.Contains(spec.copy().manifest_digest())) {
    return absl::OkStatus();
  }
  return FailedPrecondition(
      "the files of this copy are not here, or are no longer; copy them again");
}

grpc::ServerReadReactor<v1::UploadContentRequest>* JobService::UploadContent(
    grpc::CallbackServerContext* context,
    v1::UploadContentResponse* /*response*/) {
  return UploadStream::Begin(*context, core_thread_, content_worker_,
                             contents_);
}

grpc::ServerWriteReactor<v1::WatchJobResponse>* JobService::WatchJob(
    grpc::CallbackServerContext* context, const v1::WatchJobRequest* request) {
  return WatchStream::Begin(*context, *request, core_thread_, watches_);
}

grpc::ServerUnaryReactor* JobService::ListJobs(
    grpc::CallbackServerContext* context, const v1::ListJobsRequest* request,
    v1::ListJobsResponse* response) {
  return ServeOnCore(*context, core_thread_, *request, *response,
                     [](Core& core, const std::string& caller,
                        const auto& wanted, auto responder) {
                       core.ListJobs(caller, wanted, std::move(responder));
                     });
}

grpc::ServerUnaryReactor* JobService::GetJob(
    grpc::CallbackServerContext* context, const v1::GetJobRequest* request,
    v1::GetJobResponse* response) {
  return ServeOnCore(*context, core_thread_, *request, *response,
                     [](Core& core, const std::string& caller,
                        const auto& wanted, auto responder) {
                       core.GetJob(caller, wanted, std::move(responder));
                     });
}

grpc::ServerUnaryReactor* JobService::HoldJob(
    grpc::CallbackServerContext* context, const v1::HoldJobRequest* request,
    v1::HoldJobResponse* response) {
  return ServeOnCore(*context, core_thread_, *request, *response,
                     [](Core& core, const std::string& caller,
                        const auto& wanted, auto responder) {
                       core.HoldJob(caller, wanted, std::move(responder));
                     });
}

grpc::ServerUnaryReactor* JobService::ApproveJob(
    grpc::CallbackServerContext* context, const v1::ApproveJobRequest* request,
    v1::ApproveJobResponse* response) {
  return ServeOnCore(*context, core_thread_, *request, *response,
                     [](Core& core, const std::string& caller,
                        const auto& wanted, auto responder) {
                       core.ApproveJob(caller, wanted, std::move(responder));
                     });
}

grpc::ServerUnaryReactor* JobService::StopJob(
    grpc::CallbackServerContext* context, const v1::StopJobRequest* request,
    v1::StopJobResponse* response) {
  return ServeOnCore(*context, core_thread_, *request, *response,
                     [](Core& core, const std::string& caller,
                        const auto& wanted, auto responder) {
                       core.StopJob(caller, wanted, std::move(responder));
                     });
}

grpc::ServerUnaryReactor* JobService::SuspendJob(
    grpc::CallbackServerContext* context, const v1::SuspendJobRequest* request,
    v1::SuspendJobResponse* response) {
  return ServeOnCore(*context, core_thread_, *request, *response,
                     [](Core& core, const std::string& caller,
                        const auto& wanted, auto responder) {
                       core.SuspendJob(caller, wanted, std::move(responder));
                     });
}

grpc::ServerUnaryReactor* JobService::SetJob(
    grpc::CallbackServerContext* context, const v1::SetJobRequest* request,
    v1::SetJobResponse* response) {
  return ServeOnCore(*context, core_thread_, *request, *response,
                     [](Core& core, const std::string& caller,
                        const auto& wanted, auto responder) {
                       core.SetJob(caller, wanted, std::move(responder));
                     });
}

grpc::ServerUnaryReactor* JobService::SendInput(
    grpc::CallbackServerContext* context, const v1::SendInputRequest* request,
    v1::SendInputResponse* response) {
  return ServeOnCore(*context, core_thread_, *request, *response,
                     [](Core& core, const std::string& caller,
                        const auto& wanted, auto responder) {
                       core.SendInput(caller, wanted, std::move(responder));
                     });
}

grpc::ServerUnaryReactor* JobService::RemoveJob(
    grpc::CallbackServerContext* context, const v1::RemoveJobRequest* request,
    v1::RemoveJobResponse* response) {
  return ServeOnCore(*context, core_thread_, *request, *response,
                     [](Core& core, const std::string& caller,
                        const auto& wanted, auto responder) {
                       core.RemoveJob(caller, wanted, std::move(responder));
                     });
}

}  // namespace tutti::controller
