// What is mounted.
#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/distant_mounts.h"
#include "query/host/mount_list.h"
#include "query/host/regular_file.h"

namespace tutti::query {
namespace {

constexpr std::array<std::string_view, 7> kStateColumns = {
    "blocks_size", "blocks",      "blocks_free", "blocks_available",
    "inodes",      "inodes_free", "error"};

// "/dev/dm-0" of "/dev/mapper/root".
std::string AliasOf(const TableRequest& request, const std::string& device) {
  // Others are no devices, and may be paths of any kind.
  if (!device.starts_with("/dev/")) return device;
  std::error_code error;
  const std::string root = request.Path("");
  std::string path =
      std::filesystem::canonical(request.Path(device), error).string();
  if (error) return device;
  return path.starts_with(root) ? path.substr(root.size()) : path;
}

absl::Status GenerateMounts(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path("/proc/mounts")));
  // Asking a file system whose server is gone takes long.
  const bool ask =
      std::any_of(kStateColumns.begin(), kStateColumns.end(),
                  [&](std::string_view name) { return request.Uses(name); });
  for (const Mount& mount : ParseMounts(content)) {
    Row& row = rows.Add();
    row.Set("device", mount.device);
    if (request.Uses("device_alias")) {
      row.Set("device_alias", AliasOf(request, mount.device));
    }
    row.Set("path", mount.path);
    row.Set("type", mount.type);
    row.Set("flags", mount.options);
    if (!ask) continue;
    const auto state = StateOf(mount, request.Path(mount.path));
    if (IsSilent(state.status())) {
      row.Set("error", TextOf(state.status()));
    }
    if (!state.ok()) continue;
    row.Set("blocks_size", state->f_frsize);
    row.Set("blocks", state->f_blocks);
    row.Set("blocks_free", state->f_bfree);
    row.Set("blocks_available", state->f_bavail);
    row.Set("inodes", state->f_files);
    row.Set("inodes_free", state->f_ffree);
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kMountsTable = {
    .name = "mounts",
    .description = "What is mounted where, also what is no disk.",
    .columns =
        {
            {"device", ColumnType::kText, "What is mounted"},
            {"device_alias", ColumnType::kText,
             "The device without symbolic links"},
            {"path", ColumnType::kText, "Where"},
            {"type", ColumnType::kText, "File system"},
            {"blocks_size", ColumnType::kBigInt, "Bytes of a block"},
            {"blocks", ColumnType::kBigInt, "Blocks"},
            {"blocks_free", ColumnType::kBigInt, "Of them, free for root"},
            {"blocks_available", ColumnType::kBigInt,
             "Of them, free for everybody"},
            {"inodes", ColumnType::kBigInt, "Files that it can have"},
            {"inodes_free", ColumnType::kBigInt,
             "Files that can still be made"},
            {"flags", ColumnType::kText, "Options, separated by commas"},
            {"error", ColumnType::kText,
             "Why the numbers are NULL: its server does not answer"},
        },
    .generate = GenerateMounts,
};

}  // namespace tutti::query
