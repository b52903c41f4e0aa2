// What expressions stand for now: the controller knows.
#ifndef CONTROLLER_CLI_RESOLVED_TARGETS_H_
#define CONTROLLER_CLI_RESOLVED_TARGETS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/targets/target_expression.h"
#include "controller/cli/command.h"
#include "controller/cli/connection.h"

namespace tutti::cli {

// The names that good expressions, united, select, folded. An error when they
// select nobody, unless `may_be_empty`, or when nobody has a name.
absl::StatusOr<std::string> ResolveTargets(
    const std::vector<std::string>& expressions, Connection& connection,
    bool may_be_empty = false);

// What `expressions`, united, select among a job's targets; absent where there
// are none, which means all. INVALID_ARGUMENT for a bad one.
absl::StatusOr<std::optional<TargetExpression>> ParseSelection(
    const std::vector<std::string>& expressions);
// Puts into `selection`, which is that of `expressions`, the names that these
// stand for where names alone do not tell.
absl::Status ResolveSelection(const std::vector<std::string>& expressions,
                              Connection& connection,
                              std::optional<TargetExpression>& selection);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RESOLVED_TARGETS_H_
