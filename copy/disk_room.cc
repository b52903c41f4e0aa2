#include "copy/disk_room.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/base/duration.h"
#include "common/base/errors.h"

namespace tutti::copy {

absl::Status DiskRoom::Replace(int folder, const std::string& path,
                               uint64_t taken, uint64_t given_back) {
  struct stat info = {};
  if (fstat(folder, &info) != 0) {
    return SystemError(errno, fmt::format("look at the disk of {}", path));
  }
  const auto [there, is_new] = disks_.try_emplace(info.st_dev);
  Disk& disk = there->second;
  if (is_new) {
    struct statvfs state = {};
    if (fstatvfs(folder, &state) != 0) {
      return SystemError(errno, fmt::format("look at the disk of {}", path));
    }
    disk.path = path;
    disk.known = state.f_blocks > 0;
    // Some blocks are kept for root.
    const uint64_t blocks = geteuid() == 0 ? state.f_bfree : state.f_bavail;
    disk.free = blocks * state.f_frsize;
  }
  disk.in_use += static_cast<int64_t>(taken);
  disk.peak = std::max(disk.peak, disk.in_use);
  disk.in_use -= static_cast<int64_t>(given_back);
  return absl::OkStatus();
}

absl::Status DiskRoom::Check() const {
  for (const auto& [device, disk] : disks_) {
    if (!disk.known || disk.peak <= static_cast<int64_t>(disk.free)) continue;
    return ResourceExhausted(
        "no room for {}: the copy needs {} on its disk and {} are free; make "
        "room, or copy to another disk",
        disk.path, FormatSize(static_cast<uint64_t>(disk.peak)),
        FormatSize(disk.free));
  }
  return absl::OkStatus();
}

}  // namespace tutti::copy
