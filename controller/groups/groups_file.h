// Groups that stand in a file on the controller's host.
#ifndef CONTROLLER_GROUPS_GROUPS_FILE_H_
#define CONTROLLER_GROUPS_GROUPS_FILE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "controller/groups/group.h"

namespace tutti::controller {

struct FileGroups {
  // Empty: there is no file.
  std::string path;
  // In the order of the file.
  std::vector<Group> groups;
};

// Reads "NAME: EXPRESSION" lines of YAML, or lists of expressions, which are
// united. They may refer to groups of the file alone, and not to themselves.
// Every mistake is named with its line and key.
absl::StatusOr<FileGroups> ReadGroupsFile(const std::string& path);

}  // namespace tutti::controller

#endif  // CONTROLLER_GROUPS_GROUPS_FILE_H_
