#include "copy/part_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "copy/block.h"

namespace tutti::copy {
namespace {

constexpr uint64_t kPageBytes = 4096;
constexpr uint32_t kModeMask = 07777;

// True when it was another one. Only root gives files away.
absl::StatusOr<bool> ApplyOwner(int fd, const struct stat& now,
                                const v1::CopyEntry& entry, Accounts& accounts,
                                const std::string& path) {
  if (!entry.has_owner() || geteuid() != 0) return false;
  const OwnerNumbers owner = accounts.NumbersOf(entry.owner());
  if (now.st_uid == owner.user && now.st_gid == owner.group) return false;
  if (fchown(fd, owner.user, owner.group) != 0) {
    return SystemError(errno, fmt::format("set the owner of {}", path));
  }
  return true;
}

// Set-user-ID would be the right of whoever owns it here.
uint32_t ModeOf(const v1::CopyEntry& entry) {
  const bool owned = entry.has_owner() && geteuid() == 0;
  return entry.has_file() && !owned
             ? entry.mode() & ~static_cast<uint32_t>(S_ISUID | S_ISGID)
             : entry.mode();
}

FileDescriptor OpenEarlier(int folder, const std::string& name) {
  return FileDescriptor(openat(folder, name.c_str(),
                               O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

// Whoever may write to it could change what was verified.
bool IsOurs(int fd) {
  struct stat info = {};
  return fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
         info.st_uid == geteuid() && info.st_nlink == 1 &&
         (info.st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

}  // namespace

struct timespec ToTimespec(const google::protobuf::Timestamp& time) {
  return {static_cast<time_t>(time.seconds()), time.nanos()};
}

absl::StatusOr<bool> ApplyAttributes(int fd, const v1::CopyEntry& entry,
                                     Accounts& accounts,
                                     const std::string& path) {
  struct stat now = {};
  if (fstat(fd, &now) != 0) {
    return SystemError(errno, fmt::format("look at {}", path));
  }
  // First, as it takes the set-user-ID bit away.
  TUTTI_ASSIGN_OR_RETURN(bool changed,
                         ApplyOwner(fd, now, entry, accounts, path));
  const uint32_t mode = ModeOf(entry);
  if (changed || (now.st_mode & kModeMask) != mode) {
    if (fchmod(fd, mode) != 0) {
      return SystemError(errno, fmt::format("set the mode of {}", path));
    }
    changed = true;
  }
  const struct timespec wanted = ToTimespec(entry.modified_at());
  if (now.st_mtim.tv_sec != wanted.tv_sec ||
      now.st_mtim.tv_nsec != wanted.tv_nsec) {
    const struct timespec times[2] = {{0, UTIME_OMIT}, wanted};
    if (futimens(fd, times) != 0) {
      return SystemError(errno, fmt::format("set the time of {}", path));
    }
  }
  return changed;
}

absl::StatusOr<bool> ApplyLinkAttributes(int folder, const std::string& name,
                                         const v1::CopyEntry& entry,
                                         Accounts& accounts,
                                         const std::string& path) {
  struct stat now = {};
  const struct timespec times[2] = {{0, UTIME_OMIT},
                                    ToTimespec(entry.modified_at())};
  if (fstatat(folder, name.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0 ||
      utimensat(folder, name.c_str(), times, AT_SYMLINK_NOFOLLOW) != 0) {
    return SystemError(errno, fmt::format("set the time of {}", path));
  }
  if (!entry.has_owner() || geteuid() != 0) return false;
  const OwnerNumbers owner = accounts.NumbersOf(entry.owner());
  if (now.st_uid == owner.user && now.st_gid == owner.group) return false;
  if (fchownat(folder, name.c_str(), owner.user, owner.group,
               AT_SYMLINK_NOFOLLOW) != 0) {
    return SystemError(errno, fmt::format("set the owner of {}", path));
  }
  return true;
}

absl::StatusOr<std::optional<PartFile>> PartFile::TakeUp(int folder,
                                                         std::string name,
                                                         std::string path) {
  FileDescriptor file = OpenEarlier(folder, name);
  if (!file.valid() && errno == ENOENT) return std::nullopt;
  if (!file.valid() || !IsOurs(file.get())) {
    if (unlinkat(folder, name.c_str(), 0) != 0) {
      return SystemError(errno, fmt::format("remove {} beside {}", name, path));
    }
    return std::nullopt;
  }
  PartFile part(std::move(file), std::move(name), std::move(path),
                /*is_new=*/false);
  TUTTI_RETURN_IF_ERROR(part.Lock(folder));
  return part;
}

absl::StatusOr<PartFile> PartFile::Make(int folder, std::string name,
                                        std::string path) {
  FileDescriptor file(openat(folder, name.c_str(),
                             O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                             0600));
  if (!file.valid()) {
    return SystemError(errno, fmt::format("make a part of {}", path));
  }
  PartFile part(std::move(file), std::move(name), std::move(path),
                /*is_new=*/true);
  TUTTI_RETURN_IF_ERROR(part.Lock(folder));
  return part;
}

absl::Status PartFile::Lock(int folder) {
  struct stat ours = {};
  struct stat named = {};
  if (flock(file_.get(), LOCK_EX | LOCK_NB) == 0 &&
      fstat(file_.get(), &ours) == 0 &&
      // Whoever held the lock may have put it in place or removed it.
      fstatat(folder, name_.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
      named.st_ino == ours.st_ino && named.st_dev == ours.st_dev) {
    return absl::OkStatus();
  }
  return Unavailable("another copy of the same is at {}; wait for its end",
                     path_);
}

absl::Status PartFile::SetSize(uint64_t size, bool sparse) {
  if (ftruncate(file_.get(), static_cast<off_t>(size)) != 0) {
    return WriteError(errno, size);
  }
  if (sparse || size == 0) return absl::OkStatus();
  while (fallocate(file_.get(), 0, 0, static_cast<off_t>(size)) != 0) {
    if (errno == EINTR) continue;
    // Not every file system can; then writing tells.
    if (errno == EOPNOTSUPP) return absl::OkStatus();
    return WriteError(errno, size);
  }
  return absl::OkStatus();
}

absl::Status PartFile::Write(uint64_t offset, std::string_view bytes,
                             bool sparse) {
  sparse = sparse && is_new_;
  while (!bytes.empty()) {
    // Of a sparse file up to the end of a page.
    const uint64_t length =
        sparse
            ? std::min<uint64_t>(bytes.size(), kPageBytes - offset % kPageBytes)
            : bytes.size();
    ssize_t written = static_cast<ssize_t>(length);
    if (!sparse || !IsZero(bytes.substr(0, length))) {
      written =
          pwrite(file_.get(), bytes.data(), length, static_cast<off_t>(offset));
    }
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return WriteError(errno, bytes.size());
    bytes.remove_prefix(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
  return absl::OkStatus();
}

absl::Status PartFile::CopyFrom(int source, uint64_t source_offset,
                                uint64_t offset, uint32_t length, bool sparse) {
  off64_t from = static_cast<off64_t>(source_offset);
  off64_t to = static_cast<off64_t>(offset);
  uint32_t left = length;
  // It would fill holes.
  while (!sparse && left > 0) {
    const ssize_t n = copy_file_range(source, &from, file_.get(), &to, left, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    left -= static_cast<uint32_t>(n);
  }
  if (left == 0) return absl::OkStatus();
  // Between some file systems it can not; what is short is seen when it is
  // verified.
  std::string bytes;
  TUTTI_RETURN_IF_ERROR(
      ReadAt(source, static_cast<uint64_t>(from), left, path_, bytes));
  return Write(static_cast<uint64_t>(to), bytes, sparse);
}

absl::Status PartFile::Commit(int folder, const std::string& name,
                              const v1::CopyEntry& entry, Accounts& accounts,
                              bool sync) {
  TUTTI_RETURN_IF_ERROR(
      ApplyAttributes(file_.get(), entry, accounts, path_).status());
  if (sync && fsync(file_.get()) != 0) {
    return WriteError(errno, entry.file().size());
  }
  if (renameat(folder, name_.c_str(), folder, name.c_str()) != 0) {
    return SystemError(errno, fmt::format("put {} in place", path_));
  }
  return absl::OkStatus();
}

absl::Status PartFile::Discard(int folder) {
  if (unlinkat(folder, name_.c_str(), 0) == 0 || errno == ENOENT) {
    return absl::OkStatus();
  }
  return SystemError(errno, fmt::format("remove the part of {}", path_));
}

absl::Status PartFile::WriteError(int error, uint64_t needed) const {
  if (error == EFBIG) {
    return ResourceExhausted(
        "cannot write {}: {} are more than a file may have here; raise the "
        "limit (ulimit -f), or copy to another disk",
        path_, FormatSize(needed));
  }
  struct statvfs disk = {};
  const bool known = fstatvfs(file_.get(), &disk) == 0;
  if ((error == ENOSPC || error == EDQUOT) && known) {
    return ResourceExhausted(
        "cannot write {}: {}; {} more are needed and {} are free; make room, "
        "or copy to another disk",
        path_, ErrnoText(error), FormatSize(needed),
        FormatSize(uint64_t{disk.f_bavail} * disk.f_frsize));
  }
  return SystemError(error, fmt::format("write {}", path_));
}

}  // namespace tutti::copy
