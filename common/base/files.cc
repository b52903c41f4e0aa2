#include "common/base/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/status_macros.h"

namespace tutti {
namespace {

constexpr int kSeals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK;

std::string DirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status WriteAll(int fd, std::string_view content,
                      const std::string& path) {
  while (!content.empty()) {
    const ssize_t n = write(fd, content.data(), content.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      return SystemError(errno, fmt::format("write {}", path));
    }
    content.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReadDescriptor(int fd, const std::string& name,
                                           size_t limit) {
  std::string content;
  char buffer[65536];
  while (true) {
    const ssize_t n = read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError(errno, fmt::format("read {}", name));
    if (n == 0) return content;
    if (content.size() + static_cast<size_t>(n) > limit) {
      return ResourceExhausted("{} is larger than {} bytes", name, limit);
    }
    content.append(buffer, static_cast<size_t>(n));
  }
}

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t limit) {
  FileDescriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return SystemError(errno, fmt::format("open {}", path));
  return ReadDescriptor(fd.get(), path, limit);
}

absl::StatusOr<std::string> ReadFileOrStandardInput(const std::string& path,
                                                    size_t limit) {
  if (path != "-") return ReadFile(path, limit);
  return ReadDescriptor(STDIN_FILENO, "standard input", limit);
}

absl::Status WriteFileAtomically(const std::string& path,
                                 std::string_view content, mode_t mode) {
  std::string temporary = path + ".XXXXXX";
  FileDescriptor fd(mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.valid()) return SystemError(errno, fmt::format("create {}", path));
  absl::Status status = WriteAll(fd.get(), content, path);
  if (status.ok() && fchmod(fd.get(), mode) != 0) {
    status = SystemError(errno, fmt::format("set the mode of {}", path));
  }
  if (status.ok() && fsync(fd.get()) != 0) {
    status = SystemError(errno, fmt::format("sync {}", path));
  }
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = SystemError(errno, fmt::format("replace {}", path));
  }
  if (!status.ok()) {
    unlink(temporary.c_str());
    return status;
  }
  return SyncDirectory(DirectoryOf(path));
}

absl::Status MakeDirectories(const std::string& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) == 0) return absl::OkStatus();
  if (errno == ENOENT && path.find('/') != std::string::npos) {
    TUTTI_RETURN_IF_ERROR(MakeDirectories(DirectoryOf(path), 0755));
    if (mkdir(path.c_str(), mode) == 0) return absl::OkStatus();
  }
  const int error = errno;
  struct stat info;
  if (error == EEXIST && stat(path.c_str(), &info) == 0 &&
      S_ISDIR(info.st_mode)) {
    return absl::OkStatus();
  }
  return SystemError(error, fmt::format("make the folder {}", path));
}

absl::StatusOr<bool> IsReadableByOthers(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) {
    return SystemError(errno, fmt::format("look at {}", path));
  }
  return (info.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

absl::Status ReplaceSymlink(const std::string& path,
                            const std::string& target) {
  const std::string temporary = fmt::format("{}.new.{}", path, getpid());
  unlink(temporary.c_str());
  if (symlink(target.c_str(), temporary.c_str()) != 0 ||
      rename(temporary.c_str(), path.c_str()) != 0) {
    return SystemError(errno, fmt::format("replace the link {}", path));
  }
  return SyncDirectory(DirectoryOf(path));
}

absl::Status WriteAt(int fd, uint64_t position, std::string_view bytes,
                     const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n =
        pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(position));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError(errno, fmt::format("write {}", path));
    bytes.remove_prefix(static_cast<size_t>(n));
    position += static_cast<uint64_t>(n);
  }
  return absl::OkStatus();
}

absl::Status SyncDirectory(const std::string& path) {
  FileDescriptor fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid() || fsync(fd.get()) != 0) {
    return SystemError(errno, fmt::format("sync the folder {}", path));
  }
  return absl::OkStatus();
}

absl::StatusOr<int> MakeSealedMemoryFile(std::string_view content) {
  FileDescriptor fd(memfd_create("tutti", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.valid()) return SystemError(errno, "make a memory file");
  TUTTI_RETURN_IF_ERROR(WriteAll(fd.get(), content, "a memory file"));
  if (fcntl(fd.get(), F_ADD_SEALS, kSeals | F_SEAL_SEAL) != 0) {
    return SystemError(errno, "seal a memory file");
  }
  return fd.Release();
}

absl::StatusOr<std::string> ReadSealedMemoryFile(int fd, size_t limit) {
  const int seals = fcntl(fd, F_GET_SEALS);
  if (seals < 0 || (seals & kSeals) != kSeals) {
    return InvalidArgument(
        "a memory file came that is not sealed against changes");
  }
  if (lseek(fd, 0, SEEK_SET) != 0) {
    return SystemError(errno, "read a memory file");
  }
  return ReadDescriptor(fd, "a memory file", limit);
}

}  // namespace tutti
