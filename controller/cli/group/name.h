// The group that a verb is about.
#ifndef CONTROLLER_CLI_GROUP_NAME_H_
#define CONTROLLER_CLI_GROUP_NAME_H_

#include <string>

#include "absl/status/statusor.h"
#include "controller/cli/command.h"

namespace tutti::cli {

// NAME, required.
void AddGroupName(CLI::App& verb, std::string& word);

// The name in "web" and "@web". INVALID_ARGUMENT when no group is called so.
absl::StatusOr<std::string> GroupNameOf(const std::string& word);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_GROUP_NAME_H_
