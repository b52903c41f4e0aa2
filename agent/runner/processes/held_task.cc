#include "agent/runner/processes/held_task.h"

#include <sys/stat.h>

#include <utility>

#include "common/base/errors.h"

namespace tutti::runner {

absl::StatusOr<FileDescriptor> ReturnedTask::Take(uint32_t place,
                                                  unsigned type) {
  if (place >= descriptors.size() || !descriptors[place].valid()) {
    return InvalidArgument("a task came back without its descriptors");
  }
  FileDescriptor taken = std::move(descriptors[place]);
  struct stat info;
  if (type != 0 &&
      (fstat(taken.get(), &info) != 0 || (info.st_mode & S_IFMT) != type)) {
    return InvalidArgument(
        "a task came back with descriptors of something "
        "else");
  }
  return taken;
}

}  // namespace tutti::runner
