#include "controller/server/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "common/base/errors.h"

namespace tutti::controller {

absl::StatusOr<FileDescriptor> LockDirectory(const std::string& directory) {
  const std::string path = directory + "/controller.lock";
  FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.valid()) return SystemError(errno, fmt::format("open {}", path));
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return SystemError(errno, fmt::format("lock {}", path));
    }
    char owner[32] = {};
    const ssize_t size = pread(file.get(), owner, sizeof owner - 1, 0);
    return FailedPrecondition(
        "another controller (process {}) runs in {}; end it first, or use "
        "another folder",
        size > 0 ? owner : "unknown", directory);
  }
  // For people only: the lock is what counts.
  const std::string owner = std::to_string(getpid());
  if (ftruncate(file.get(), 0) != 0 ||
      pwrite(file.get(), owner.data(), owner.size(), 0) < 0) {
    return SystemError(errno, fmt::format("write {}", path));
  }
  return file;
}

}  // namespace tutti::controller
