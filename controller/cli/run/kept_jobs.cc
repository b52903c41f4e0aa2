#include "controller/cli/run/kept_jobs.h"

#include "common/base/errors.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {

absl::Status KeptJobs::ForgetOld(Connection& connection) {
  return ForgetOld([&](uint64_t number) {
    v1::RemoveJobRequest request;
    request.mutable_job()->set_number(number);
    return connection.Call(&v1::JobService::Stub::RemoveJob, request).status();
  });
}

absl::Status KeptJobs::ForgetOld(
    absl::FunctionRef<absl::Status(uint64_t number)> remove) {
  while (!refused_ && numbers_.size() > kKept) {
    const absl::Status removed = remove(numbers_.front());
    // It runs on, or nobody can be asked now.
    if (absl::IsFailedPrecondition(removed) || absl::IsUnavailable(removed) ||
        absl::IsDeadlineExceeded(removed)) {
      return absl::OkStatus();
    }
    if (!removed.ok() && !absl::IsNotFound(removed)) {
      refused_ = true;
      return MakeError(removed.code(),
                       "the jobs of earlier runs stay, tutti job remove takes "
                       "them away: {}",
                       TextOf(removed));
    }
    numbers_.pop_front();
  }
  return absl::OkStatus();
}

}  // namespace tutti::cli
