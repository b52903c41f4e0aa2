#include "agent/runner/processes/held_task.h"

#include <sys/stat.h>

#include <utility>

#include "agent/runner/processes/process_exit.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti::runner {
namespace {

absl::Status SomethingElse() {
  return InvalidArgument("a task came back with descriptors of something else");
}

}  // namespace

absl::StatusOr<FileDescriptor> ReturnedTask::Take(uint32_t place,
                                                  unsigned type) {
  if (place >= descriptors.size() || !descriptors[place].valid()) {
    return InvalidArgument("a task came back without its descriptors");
  }
  FileDescriptor taken = std::move(descriptors[place]);
  struct stat info;
  if (type != 0 &&
      (fstat(taken.get(), &info) != 0 || (info.st_mode & S_IFMT) != type)) {
    return SomethingElse();
  }
  return taken;
}

absl::StatusOr<FileDescriptor> ReturnedTask::TakePidfd(uint32_t place) {
  TUTTI_ASSIGN_OR_RETURN(FileDescriptor taken, Take(place, 0));
  if (!IsPidfd(taken.get())) return SomethingElse();
  return taken;
}

}  // namespace tutti::runner
