#include "query/host/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/status_macros.h"

namespace tutti::query {
namespace {

constexpr size_t kPiece = 64 << 10;
constexpr size_t kLimit = 64 << 20;

// Below what is no folder there is nothing, either.
absl::Status CannotOpen(int error, const std::string& path) {
  return SystemError(error == ENOTDIR ? ENOENT : error,
                     fmt::format("open {}", path));
}

absl::Status NotRegular(const std::string& path) {
  return FailedPrecondition("{} is not a regular file", path);
}

}  // namespace

absl::Status ReadPieces(
    const std::string& path,
    const std::function<absl::Status(std::string_view)>& take) {
  struct stat status = {};
  // Before it is opened: that alone may do something to a device.
  if (stat(path.c_str(), &status) != 0) return CannotOpen(errno, path);
  if (!S_ISREG(status.st_mode)) return NotRegular(path);
  // A pipe that takes its place meanwhile does not make it wait.
  const FileDescriptor fd(
      open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid()) return CannotOpen(errno, path);
  if (fstat(fd.get(), &status) != 0) {
    return SystemError(errno, fmt::format("look at {}", path));
  }
  if (!S_ISREG(status.st_mode)) return NotRegular(path);
  std::vector<char> buffer(kPiece);
  while (true) {
    const ssize_t length = read(fd.get(), buffer.data(), buffer.size());
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return SystemError(errno, fmt::format("read {}", path));
    if (length == 0) return absl::OkStatus();
    TUTTI_RETURN_IF_ERROR(take({buffer.data(), static_cast<size_t>(length)}));
  }
}

absl::StatusOr<std::string> ReadRegularFileIfThere(const std::string& path) {
  std::string content;
  const absl::Status status = ReadPieces(path, [&](std::string_view piece) {
    if (content.size() + piece.size() > kLimit) {
      return ResourceExhausted("{} is larger than {} bytes", path, kLimit);
    }
    content.append(piece);
    return absl::OkStatus();
  });
  if (status.ok()) return content;
  if (absl::IsNotFound(status) || absl::IsFailedPrecondition(status)) {
    return std::string();
  }
  return status;
}

std::string ReadOneOfMany(const std::string& path) {
  return ReadRegularFileIfThere(path).value_or(std::string());
}

}  // namespace tutti::query
