#include "controller/rpc/job_service.h"

#include <string>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/certificate.h"
#include "common/identity/sha256.h"
#include "common/signing/delegation.h"
#include "controller/rpc/responder.h"
#include "controller/rpc/upload_stream.h"
#include "controller/rpc/watch_stream.h"

namespace tutti::controller {
namespace {

// ServeOnCore for what is done to a job: a delegate may do it to those that
// were started through its own delegation.
template <typename Request, typename Response, typename Call>
grpc::ServerUnaryReactor* ServeOwn(grpc::CallbackServerContext& context,
                                   CoreThread& core_thread,
                                   const Request& request, Response& response,
                                   Call call) {
  return Serve(
      context, response, [&](Identity caller, Responder<Response> responder) {
        core_thread.Post([caller = std::move(caller), request,
                          responder = std::move(responder),
                          call](Core& core) mutable {
          if (caller.job.has_value()) {
            const absl::Status own =
                core.CheckDelegated(caller.name, *caller.job, request.job());
            if (!own.ok()) {
              responder(own);
              return;
            }
          }
          call(core, caller.name, request, std::move(responder));
        });
      });
}

// Serves a unary call for which the caller's certificate counts:
// `call(caller, certificate, responder)`, at once.
template <typename Response, typename Call>
grpc::ServerUnaryReactor* ServeCertified(grpc::CallbackServerContext& context,
                                         Response& response, Call call) {
  return Serve(
      context, response, [&](Identity caller, Responder<Response> responder) {
        absl::StatusOr<Certificate> certificate =
            PeerCertificate(*context.auth_context());
        if (!certificate.ok()) {
          responder(certificate.status());
          return;
        }
        JobCaller named{std::move(caller), certificate->key_fingerprint()};
        call(std::move(named), *std::move(certificate), std::move(responder));
      });
}

// The key of the request must be that of the delegation, and its time must
// have come and not be over.
absl::StatusOr<OpenedDelegation> OpenRequest(
    const v1::CertifyDelegateRequest& request, const Certificate& caller,
    std::string_view fleet, absl::Time now) {
  absl::StatusOr<OpenedDelegation> opened =
      OpenDelegation(request.delegation(), caller);
  // That somebody else signed it is a mistake of the request as well.
  if (!opened.ok()) return InvalidArgument("{}", TextOf(opened.status()));
  if (opened->bounds.fleet() != fleet) {
    return InvalidArgument(
        "the delegation is for fleet '{}', this is a controller of '{}'; "
        "choose the other fleet or its controller's address",
        opened->bounds.fleet(), fleet);
  }
  if (const absl::Status time = CheckDelegationTime(*opened, now); !time.ok()) {
    return InvalidArgument("{}", TextOf(time));
  }
  if (now >= ToTime(opened->bounds.expires_at())) {
    return InvalidArgument(
        "the delegation has ended already; set the clocks of both hosts");
  }
  TUTTI_ASSIGN_OR_RETURN(const EvpPkeyPtr key,
                         KeyOfSigningRequest(request.signing_request()));
  if (KeyFingerprint(key.get()) != Sha256(opened->bounds.public_key())) {
    return InvalidArgument(
        "the certificate signing request is not for the key of the "
        "delegation; make it with that key");
  }
  return opened;
}

}  // namespace

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
  return ServeCertified(
      *context, *response,
      [&](JobCaller caller, Certificate /*certificate*/,
          Responder<v1::StartJobResponse> responder) {
        worker_.Post([this, caller = std::move(caller), request = *request,
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

grpc::ServerUnaryReactor* JobService::CertifyDelegate(
    grpc::CallbackServerContext* context,
    const v1::CertifyDelegateRequest* request,
    v1::CertifyDelegateResponse* response) {
  return ServeCertified(
      *context, *response,
      [&](JobCaller caller, Certificate certificate,
          Responder<v1::CertifyDelegateResponse> responder) {
        worker_.Post([this, caller = std::move(caller), request = *request,
                      certificate = std::move(certificate),
                      responder = std::move(responder)]() mutable {
          responder(Certify(caller.identity, request, certificate));
        });
      });
}

absl::StatusOr<v1::CertifyDelegateResponse> JobService::Certify(
    const Identity& caller, const v1::CertifyDelegateRequest& request,
    const Certificate& certificate) const {
  const absl::Time now = clock_.Now();
  TUTTI_ASSIGN_OR_RETURN(
      const OpenedDelegation opened,
      OpenRequest(request, certificate, issuer_.fleet(), now));
  TUTTI_ASSIGN_OR_RETURN(
      const IssuedCertificate issued,
      issuer_.IssueDelegate(caller.name, opened.job, request.signing_request(),
                            now, ToTime(opened.bounds.expires_at())));
  v1::CertifyDelegateResponse response;
  for (const std::string& der : issued.certificates) {
    response.add_certificates(der);
  }
  return response;
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
  return ServeOwn(*context, core_thread_, *request, *response,
                  [](Core& core, const std::string& caller, const auto& wanted,
                     auto responder) {
                    core.HoldJob(caller, wanted, std::move(responder));
                  });
}

grpc::ServerUnaryReactor* JobService::ApproveJob(
    grpc::CallbackServerContext* context, const v1::ApproveJobRequest* request,
    v1::ApproveJobResponse* response) {
  return ServeOwn(*context, core_thread_, *request, *response,
                  [](Core& core, const std::string& caller, const auto& wanted,
                     auto responder) {
                    core.ApproveJob(caller, wanted, std::move(responder));
                  });
}

grpc::ServerUnaryReactor* JobService::StopJob(
    grpc::CallbackServerContext* context, const v1::StopJobRequest* request,
    v1::StopJobResponse* response) {
  return ServeOwn(*context, core_thread_, *request, *response,
                  [](Core& core, const std::string& caller, const auto& wanted,
                     auto responder) {
                    core.StopJob(caller, wanted, std::move(responder));
                  });
}

grpc::ServerUnaryReactor* JobService::SuspendJob(
    grpc::CallbackServerContext* context, const v1::SuspendJobRequest* request,
    v1::SuspendJobResponse* response) {
  return ServeOwn(*context, core_thread_, *request, *response,
                  [](Core& core, const std::string& caller, const auto& wanted,
                     auto responder) {
                    core.SuspendJob(caller, wanted, std::move(responder));
                  });
}

grpc::ServerUnaryReactor* JobService::SetJob(
    grpc::CallbackServerContext* context, const v1::SetJobRequest* request,
    v1::SetJobResponse* response) {
  return ServeOwn(*context, core_thread_, *request, *response,
                  [](Core& core, const std::string& caller, const auto& wanted,
                     auto responder) {
                    core.SetJob(caller, wanted, std::move(responder));
                  });
}

grpc::ServerUnaryReactor* JobService::SendInput(
    grpc::CallbackServerContext* context, const v1::SendInputRequest* request,
    v1::SendInputResponse* response) {
  return ServeOwn(*context, core_thread_, *request, *response,
                  [](Core& core, const std::string& caller, const auto& wanted,
                     auto responder) {
                    core.SendInput(caller, wanted, std::move(responder));
                  });
}

grpc::ServerUnaryReactor* JobService::RemoveJob(
    grpc::CallbackServerContext* context, const v1::RemoveJobRequest* request,
    v1::RemoveJobResponse* response) {
  return ServeOwn(*context, core_thread_, *request, *response,
                  [](Core& core, const std::string& caller, const auto& wanted,
                     auto responder) {
                    core.RemoveJob(caller, wanted, std::move(responder));
                  });
}

}  // namespace tutti::controller
