// Variables that each target of a job has for itself.
#ifndef COMMON_SIGNING_TARGET_PARAMETERS_H_
#define COMMON_SIGNING_TARGET_PARAMETERS_H_

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tutti/v1/envelope.pb.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti {

// What stands before their names in the environment.
inline constexpr std::string_view kParameterPrefix = "TUTTI_PARAM_";
// Serialised: of one target, and of all targets of a job.
inline constexpr size_t kMaxTargetParameterBytes = 64 << 10;
inline constexpr size_t kMaxJobParameterBytes = 4 << 20;

// Of those targets of a job that have some, in order of the targets.
using ParameterList = google::protobuf::RepeatedPtrField<v1::JobParameters>;

// Those of `target`, serialised; empty: it has none.
std::string_view ParametersOf(const ParameterList& list,
                              std::string_view target);

// Whether a variable may have that name.
absl::Status CheckParameterName(std::string_view name);

// Parses what is to be one target's. INVALID_ARGUMENT when it is too large or
// not as TargetParameters says.
absl::StatusOr<v1::TargetParameters> ParseParameters(
    std::string_view serialized);

// Whether a list is one for these targets, which are sorted bytewise.
// INVALID_ARGUMENT names the target and the remedy.
absl::Status CheckParameterList(const ParameterList& list,
                                const std::vector<std::string>& targets);

}  // namespace tutti

#endif  // COMMON_SIGNING_TARGET_PARAMETERS_H_
