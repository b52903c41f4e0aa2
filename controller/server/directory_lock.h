// One controller a folder.
#ifndef CONTROLLER_SERVER_DIRECTORY_LOCK_H_
#define CONTROLLER_SERVER_DIRECTORY_LOCK_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"

namespace tutti::controller {

// Holds DIRECTORY/controller.lock as long as it lives. FAILED_PRECONDITION,
// with the process id, when another controller does.
absl::StatusOr<FileDescriptor> LockDirectory(const std::string& directory);

}  // namespace tutti::controller

#endif  // CONTROLLER_SERVER_DIRECTORY_LOCK_H_
