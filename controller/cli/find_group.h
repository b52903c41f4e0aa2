// One group of the fleet.
#ifndef CONTROLLER_CLI_FIND_GROUP_H_
#define CONTROLLER_CLI_FIND_GROUP_H_

#include <string>

#include "absl/status/statusor.h"
#include "controller/cli/connection.h"
#include "tutti/v1/groups.pb.h"

namespace tutti::cli {

// NOT_FOUND with the nearest name.
absl::StatusOr<v1::Group> FindGroup(const std::string& name,
                                    Connection& connection);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FIND_GROUP_H_
