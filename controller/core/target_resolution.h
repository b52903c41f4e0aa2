// What target expressions mean now.
#ifndef CONTROLLER_CORE_TARGET_RESOLUTION_H_
#define CONTROLLER_CORE_TARGET_RESOLUTION_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/core/core_state.h"
#include "controller/jobs/job.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::controller {

using Expressions = google::protobuf::RepeatedPtrField<std::string>;

// The names that `expressions`, united, select, sorted. INVALID_ARGUMENT when
// one is malformed, or names, matches or refers to nobody. NOT_FOUND when it
// refers to a group or a job that is not there.
absl::StatusOr<std::vector<std::string>> SelectAgents(
    CoreState& state, std::string_view operator_name,
    const Expressions& expressions);

// The same; or the controller's own host, which they may name alone.
absl::StatusOr<std::vector<std::string>> SelectTargets(
    CoreState& state, std::string_view operator_name,
    const Expressions& expressions);

// The tasks of `job` whose targets `expressions`, united, select, in order; all
// of them when there is none. INVALID_ARGUMENT as above, and when the job has
// no such target; names within references that nobody has are left out.
absl::StatusOr<std::vector<uint32_t>> SelectTasks(
    CoreState& state, std::string_view operator_name, const Job& job,
    const Expressions& expressions);

// The answer to ResolveTargets.
absl::StatusOr<v1::ResolveTargetsResponse> ResolveTargetExpressions(
    CoreState& state, std::string_view operator_name,
    const v1::ResolveTargetsRequest& request);

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_TARGET_RESOLUTION_H_
