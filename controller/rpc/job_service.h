// JobService over the core.
#ifndef CONTROLLER_RPC_JOB_SERVICE_H_
#define CONTROLLER_RPC_JOB_SERVICE_H_

#include "common/base/clock.h"
#include "common/identity/certificate.h"
#include "common/identity/identity.h"
#include "controller/contents/content_store.h"
#include "controller/core_thread/core_thread.h"
#include "controller/enrollment/certificate_issuer.h"
#include "controller/rpc/job_verifier.h"
#include "controller/rpc/watch_table.h"
#include "controller/rpc/worker_thread.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::controller {

// Hands calls to the core. Thread-safe.
class JobService final : public v1::JobService::CallbackService {
 public:
  JobService(CoreThread& core_thread, WorkerThread& worker,
             const JobVerifier& verifier, WatchTable& watches,
             WorkerThread& content_worker, ContentStore& contents,
             const CertificateIssuer& issuer, const Clock& clock)
      : core_thread_(core_thread),
        worker_(worker),
        verifier_(verifier),
        watches_(watches),
        content_worker_(content_worker),
        contents_(contents),
        issuer_(issuer),
        clock_(clock) {}

  grpc::ServerUnaryReactor* ResolveTargets(
      grpc::CallbackServerContext* context,
      const v1::ResolveTargetsRequest* request,
      v1::ResolveTargetsResponse* response) override;
  grpc::ServerUnaryReactor* StartJob(grpc::CallbackServerContext* context,
                                     const v1::StartJobRequest* request,
                                     v1::StartJobResponse* response) override;
  grpc::ServerReadReactor<v1::UploadContentRequest>* UploadContent(
      grpc::CallbackServerContext* context,
      v1::UploadContentResponse* response) override;
  grpc::ServerUnaryReactor* CertifyDelegate(
      grpc::CallbackServerContext* context,
      const v1::CertifyDelegateRequest* request,
      v1::CertifyDelegateResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchJobResponse>* WatchJob(
      grpc::CallbackServerContext* context,
      const v1::WatchJobRequest* request) override;
  grpc::ServerUnaryReactor* ListJobs(grpc::CallbackServerContext* context,
                                     const v1::ListJobsRequest* request,
                                     v1::ListJobsResponse* response) override;
  grpc::ServerUnaryReactor* GetJob(grpc::CallbackServerContext* context,
                                   const v1::GetJobRequest* request,
                                   v1::GetJobResponse* response) override;
  grpc::ServerUnaryReactor* HoldJob(grpc::CallbackServerContext* context,
                                    const v1::HoldJobRequest* request,
                                    v1::HoldJobResponse* response) override;
  grpc::ServerUnaryReactor* ApproveJob(
      grpc::CallbackServerContext* context,
      const v1::ApproveJobRequest* request,
      v1::ApproveJobResponse* response) override;
  grpc::ServerUnaryReactor* StopJob(grpc::CallbackServerContext* context,
                                    const v1::StopJobRequest* request,
                                    v1::StopJobResponse* response) override;
  grpc::ServerUnaryReactor* SuspendJob(
      grpc::CallbackServerContext* context,
      const v1::SuspendJobRequest* request,
      v1::SuspendJobResponse* response) override;
  grpc::ServerUnaryReactor* SetJob(grpc::CallbackServerContext* context,
                                   const v1::SetJobRequest* request,
                                   v1::SetJobResponse* response) override;
  grpc::ServerUnaryReactor* SendInput(grpc::CallbackServerContext* context,
                                      const v1::SendInputRequest* request,
                                      v1::SendInputResponse* response) override;
  grpc::ServerUnaryReactor* RemoveJob(grpc::CallbackServerContext* context,
                                      const v1::RemoveJobRequest* request,
                                      v1::RemoveJobResponse* response) override;

 private:
  // FAILED_PRECONDITION for a copy of what was not uploaded.
  absl::Status CheckContent(const v1::JobSpec& spec);
  absl::StatusOr<v1::CertifyDelegateResponse> Certify(
      const Identity& caller, const v1::CertifyDelegateRequest& request,
      const Certificate& certificate) const;

  CoreThread& core_thread_;
  WorkerThread& worker_;
  const JobVerifier& verifier_;
  WatchTable& watches_;
  // Writes and reads `contents_`.
  WorkerThread& content_worker_;
  ContentStore& contents_;
  const CertificateIssuer& issuer_;
  const Clock& clock_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_RPC_JOB_SERVICE_H_
