// What expressions stand for now: the controller knows.
#ifndef CONTROLLER_CLI_RESOLVED_TARGETS_H_
#define CONTROLLER_CLI_RESOLVED_TARGETS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/cli/command.h"
#include "controller/cli/connection.h"

namespace tutti::cli {

// The names that good expressions, united, select, folded. An error when they
// select nobody, unless `may_be_empty`, or when nobody has a name.
absl::StatusOr<std::string> ResolveTargets(
    const std::vector<std::string>& expressions, Connection& connection,
    bool may_be_empty = false);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RESOLVED_TARGETS_H_
