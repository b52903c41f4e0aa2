#include "controller/cli/run/kept_jobs.h"

#include "common/base/errors.h"
#include "controller/cli/run/start.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {

absl::Status KeptJobs::ForgetOld(Connection& connection,
                                 absl::FunctionRef<bool()> leave) {
  return ForgetOld(
      [&](const Uuid& uuid) {
        v1::RemoveJobRequest request;
        request.mutable_job()->set_uuid_prefix(HexDigits(uuid));
        return connection.Call(&v1::JobService::Stub::RemoveJob, request)
            .status();
      },
      leave);
}

absl::Status KeptJobs::ForgetOld(
    absl::FunctionRef<absl::Status(const Uuid& uuid)> remove,
    absl::FunctionRef<bool()> leave) {
  if (refused_) return absl::OkStatus();
  size_t at = 0;
  while (jobs_.size() - at > kKept && !leave()) {
    absl::Status removed = remove(jobs_[at]);
    if (removed.ok() || absl::IsNotFound(removed)) {
      jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(at));
    } else if (absl::IsFailedPrecondition(removed)) {
      ++at;  // It runs on.
    } else if (absl::IsUnavailable(removed) ||
               absl::IsDeadlineExceeded(removed)) {
      return removed;
    } else {
      refused_ = true;
      return MakeError(removed.code(),
                       "the jobs of earlier runs stay, tutti job remove takes "
                       "them away: {}",
                       TextOf(removed));
    }
  }
  return absl::OkStatus();
}

}  // namespace tutti::cli
