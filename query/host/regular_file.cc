#include "query/host/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/status_macros.h"
#include "query/host/distant_mounts.h"

namespace tutti::query {
namespace {

constexpr size_t kPiece = 64 << 10;
constexpr size_t kLimitOfOne = 1 << 20;

// Below what is no folder there is nothing, either.
absl::Status CannotOpen(int error, const std::string& path) {
  return SystemError(error == ENOTDIR ? ENOENT : error,
                     fmt::format("open {}", path));
}

absl::Status NotRegular(const std::string& path) {
  return FailedPrecondition("{} is not a regular file", path);
}

absl::Status ReadPiecesHere(const std::string& path, const Take& take) {
  // Opened for nothing but to be looked at: more may do something to a device.
  const FileDescriptor found(open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!found.valid()) return CannotOpen(errno, path);
  struct stat status = {};
  if (fstat(found.get(), &status) != 0) {
    return SystemError(errno, fmt::format("look at {}", path));
  }
  if (!S_ISREG(status.st_mode)) return NotRegular(path);
  // The same file, whatever has its name by now.
  const FileDescriptor fd(
      open(fmt::format("/proc/self/fd/{}", found.get()).c_str(),
           O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return CannotOpen(errno, path);
  char buffer[kPiece];
  while (true) {
    const ssize_t length = read(fd.get(), buffer, sizeof buffer);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) return SystemError(errno, fmt::format("read {}", path));
    if (length == 0) return absl::OkStatus();
    TUTTI_RETURN_IF_ERROR(take({buffer, static_cast<size_t>(length)}));
  }
}

absl::StatusOr<std::string> ReadWhole(const std::string& path, size_t limit) {
  std::string content;
  TUTTI_RETURN_IF_ERROR(ReadPieces(path, [&](std::string_view piece) {
    if (content.size() + piece.size() > limit) {
      return ResourceExhausted("{} is larger than {} bytes", path, limit);
    }
    content.append(piece);
    return absl::OkStatus();
  }));
  return content;
}

}  // namespace

absl::Status ReadPieces(const std::string& path, const Take& take) {
  return Reach(
      path, [&](const Take& give) { return ReadPiecesHere(path, give); }, take);
}

absl::StatusOr<std::string> ReadIfThere(const std::string& path, size_t limit) {
  absl::StatusOr<std::string> content = ReadWhole(path, limit);
  if (absl::IsNotFound(content.status()) ||
      absl::IsFailedPrecondition(content.status())) {
    return std::string();
  }
  return content;
}

std::optional<std::string> ReadIfReadable(const std::string& path,
                                          size_t limit) {
  absl::StatusOr<std::string> content = ReadWhole(path, limit);
  if (!content.ok()) return std::nullopt;
  return *std::move(content);
}

std::string ReadOneOfMany(const std::string& path) {
  return ReadIfReadable(path, kLimitOfOne).value_or(std::string());
}

}  // namespace tutti::query
