// How full disks are.
#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/distant_mounts.h"
#include "query/host/mount_list.h"
#include "query/host/regular_file.h"

namespace tutti::query {
namespace {

// Those of the kernel have no blocks; these have some, but on no disk.
bool IsInMemory(std::string_view type) {
  constexpr std::array<std::string_view, 5> kTypes = {
      "tmpfs", "devtmpfs", "ramfs", "hugetlbfs", "efivarfs"};
  return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

// What is to be seen: of two mounts on one path the later one, of one device on
// several paths the first.
std::vector<Mount> VisibleMounts(std::string_view content) {
  std::vector<Mount> mounts = ParseMounts(content);
  std::vector<Mount> visible;
  std::set<std::string> devices;
  for (size_t i = 0; i < mounts.size(); ++i) {
    const bool hidden = std::any_of(
        mounts.begin() + static_cast<ptrdiff_t>(i) + 1, mounts.end(),
        [&](const Mount& later) { return later.path == mounts[i].path; });
    if (hidden || IsInMemory(mounts[i].type)) continue;
    // Names such as "overlay" are no devices.
    const bool is_device = mounts[i].device.find('/') != std::string::npos;
    if (is_device && !devices.insert(mounts[i].device).second) continue;
    visible.push_back(mounts[i]);
  }
  return visible;
}

void SetState(const struct statvfs& state, Row& row) {
  const uint64_t used = state.f_blocks - state.f_bfree;
  // What is kept for root counts for neither, as with df.
  const uint64_t usable = used + state.f_bavail;
  row.Set("size_bytes", state.f_blocks * state.f_frsize);
  row.Set("free_bytes", state.f_bfree * state.f_frsize);
  row.Set("available_bytes", state.f_bavail * state.f_frsize);
  if (usable > 0) {
    row.Set("used_percent",
            100.0 * static_cast<double>(used) / static_cast<double>(usable));
  }
  row.Set("inodes", state.f_files);
  row.Set("inodes_free", state.f_ffree);
}

absl::Status GenerateDiskUsage(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path("/proc/mounts")));
  for (const Mount& mount : VisibleMounts(content)) {
    const auto state = StateOf(mount, request.Path(mount.path));
    const bool silent = IsSilent(state.status());
    if (!silent && (!state.ok() || state->f_blocks == 0)) continue;
    Row& row = rows.Add();
    row.Set("path", mount.path);
    row.Set("device", mount.device);
    row.Set("type", mount.type);
    if (silent) {
      row.Set("error", TextOf(state.status()));
    } else {
      SetState(*state, row);
    }
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kDiskUsageTable = {
    .name = "disk_usage",
    .description =
        "How full each mounted file system is, without those that "
        "are no disks.",
    .columns =
        {
            {"path", ColumnType::kText, "Where it is mounted first"},
            {"device", ColumnType::kText, "What is mounted"},
            {"type", ColumnType::kText, "File system"},
            {"size_bytes", ColumnType::kBigInt, "Size in bytes"},
            {"free_bytes", ColumnType::kBigInt, "Bytes free for root"},
            {"available_bytes", ColumnType::kBigInt,
             "Bytes free for everybody"},
            {"used_percent", ColumnType::kDouble,
             "Used part of what everybody can use, from 0 to 100"},
            {"inodes", ColumnType::kBigInt,
             "Files that it can have; 0: as many as fit"},
            {"inodes_free", ColumnType::kBigInt,
             "Files that can still be made"},
            {"error", ColumnType::kText,
             "Why the numbers are NULL: its server does not answer"},
        },
    .generate = GenerateDiskUsage,
};

}  // namespace tutti::query
