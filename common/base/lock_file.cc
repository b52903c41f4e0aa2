#include "common/base/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "common/base/errors.h"

namespace tutti {

absl::StatusOr<FileDescriptor> LockFile(const std::string& path,
                                        std::string_view program) {
  FileDescriptor file(
      open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return SystemError(errno, fmt::format("open {}", path));
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return SystemError(errno, fmt::format("lock {}", path));
    }
    char owner[32] = {};
    const ssize_t size = pread(file.get(), owner, sizeof owner - 1, 0);
    return FailedPrecondition(
        "another {} (process {}) uses {}; end it first, or use another folder",
        program, size > 0 ? owner : "unknown",
        std::filesystem::path(path).parent_path().string());
  }
  // For people only: the lock is what counts.
  const std::string owner = std::to_string(getpid());
  if (ftruncate(file.get(), 0) != 0 ||
      pwrite(file.get(), owner.data(), owner.size(), 0) < 0) {
    return SystemError(errno, fmt::format("write {}", path));
  }
  return file;
}

}  // namespace tutti
