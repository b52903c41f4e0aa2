// How people name a job.
#ifndef COMMON_JOBS_JOB_SELECTOR_H_
#define COMMON_JOBS_JOB_SELECTOR_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti {

// "17" is a number; "last" and "last:NAME" the caller's newest; 8 or more
// hexadecimal digits that are no number, or a UUID with dashes or its
// beginning, a UUID; anything else a name. INVALID_ARGUMENT for an empty text.
absl::StatusOr<v1::JobSelector> ParseJobSelector(std::string_view text);

// Whether a job may have that name: one that could be taken for another way to
// name a job, or for several, could not be named itself.
absl::Status CheckJobName(std::string_view name);

}  // namespace tutti

#endif  // COMMON_JOBS_JOB_SELECTOR_H_
