// One process a folder.
#ifndef COMMON_BASE_LOCK_FILE_H_
#define COMMON_BASE_LOCK_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/file_descriptor.h"

namespace tutti {

// Holds the file at `path`, which is made where it is missing, as long as the
// descriptor lives. FAILED_PRECONDITION, with its process id, when another
// `program` ("controller") does.
absl::StatusOr<FileDescriptor> LockFile(const std::string& path,
                                        std::string_view program);

}  // namespace tutti

#endif  // COMMON_BASE_LOCK_FILE_H_
