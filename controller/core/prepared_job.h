// From what an operator sent to what the core keeps.
#ifndef CONTROLLER_CORE_PREPARED_JOB_H_
#define CONTROLLER_CORE_PREPARED_JOB_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "controller/core/core.h"
#include "controller/jobs/job_request.h"
#include "controller/jobs/job_table.h"

namespace tutti::controller {

// Whether `prepared` may start at `now`, whatever the fleet looks like: the
// target list is the one that was signed, its time has come and is not over,
// its rollout makes sense, and it has no more targets than it may.
absl::Status CheckPrepared(const PreparedJob& prepared, std::string_view fleet,
                           const CoreSettings& settings, absl::Time now);

// Whether that job, which has a delegation of the operator, goes on and is not
// being stopped. FAILED_PRECONDITION otherwise.
absl::Status CheckDelegatingJob(const Uuid& uuid,
                                std::string_view operator_name, JobTable& jobs);
// The same of the job in whose delegation `prepared` was signed, if there is
// one.
absl::Status CheckDelegatingJob(const PreparedJob& prepared, JobTable& jobs);

// PERMISSION_DENIED for a delegate that wants to do something to this job.
absl::Status NotOfDelegation(const Job& job);

// The attempt that it asks for; what `prepared` holds of it is gone then. Says
// nothing of who is offline.
AttemptRequest TakeAttempt(PreparedJob& prepared, const CoreSettings& settings,
                           absl::Time now);

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_PREPARED_JOB_H_
