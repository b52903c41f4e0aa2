// Ends a query that takes too much of its host.
#ifndef QUERY_LIMITS_LIMITS_H_
#define QUERY_LIMITS_LIMITS_H_

#include "absl/status/status.h"
#include "common/jobs/query_limits.h"

namespace tutti::query {

// From now on this process ends itself, with one line to its standard error and
// `exit_status`, when it has used up its processor time or its memory. Smaller
// limits that it was started with stay. Once, before anything uses SQLite.
absl::Status LimitThisProcess(const QueryLimits& limits, int exit_status);

}  // namespace tutti::query

#endif  // QUERY_LIMITS_LIMITS_H_
