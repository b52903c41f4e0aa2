// The controller's own host as a target.
#ifndef COMMON_TARGETS_LOCAL_TARGET_H_
#define COMMON_TARGETS_LOCAL_TARGET_H_

#include <string_view>

#include "absl/status/status.h"
#include "common/targets/target_expression.h"

namespace tutti {

// No agent has this name. Nothing that stands for several targets (`all`, a
// wildcard, a condition, a group, a job's result) selects it.
inline constexpr std::string_view kLocalTarget = "local";

// Whether it names that host and nobody else.
bool IsLocalTarget(const TargetExpression& expression);

// INVALID_ARGUMENT for the name of that host.
absl::Status CheckAgentName(std::string_view name);

}  // namespace tutti

#endif  // COMMON_TARGETS_LOCAL_TARGET_H_
