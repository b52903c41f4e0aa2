// Disks and their parts (/sys/class/block, and what udev noted of them).
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/folder.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

constexpr std::string_view kFolder = "/sys/class/block";

// "/dev/cciss/c0d0" of "cciss!c0d0".
std::string DeviceOf(std::string_view name) {
  std::string path = fmt::format("/dev/{}", name);
  std::replace(path.begin(), path.end(), '!', '/');
  return path;
}

struct BlockDevice {
  std::string name;
  // Its folder of /sys, below the root of the request.
  std::string folder;
  // Such as ID_FS_UUID.
  std::map<std::string, std::string, std::less<>> properties;

  std::optional<std::string> Attribute(std::string_view attribute) const {
    const std::string content =
        ReadOneOfMany(fmt::format("{}/{}", folder, attribute));
    const std::string_view value = Trimmed(content);
    if (value.empty()) return std::nullopt;
    return std::string(value);
  }
  std::optional<std::string> Property(std::string_view key) const {
    const auto found = properties.find(key);
    if (found == properties.end()) return std::nullopt;
    return found->second;
  }
};

// Lines "E:KEY=value" of udev's database.
void AddProperties(const TableRequest& request, BlockDevice& device) {
  const std::optional<std::string> number = device.Attribute("dev");
  if (!number.has_value()) return;
  const std::string content =
      ReadOneOfMany(request.Path(fmt::format("/run/udev/data/b{}", *number)));
  for (const std::string_view line : LinesOf(content)) {
    const size_t equals = line.find('=');
    if (!line.starts_with("E:") || equals == line.npos) continue;
    device.properties.emplace(line.substr(2, equals - 2),
                              line.substr(equals + 1));
  }
}

// The disk of a partition, or the first part of a volume (LVM, RAID).
std::optional<std::string> ParentOf(const BlockDevice& device) {
  std::error_code error;
  const std::filesystem::path folder =
      std::filesystem::canonical(device.folder, error);
  if (!error && device.Attribute("partition").has_value()) {
    return DeviceOf(folder.parent_path().filename().string());
  }
  const auto parts = NamesIn(device.folder + "/slaves");
  if (!parts.ok() || parts->empty()) return std::nullopt;
  return DeviceOf(parts->front());
}

std::optional<int64_t> NumberInText(const std::optional<std::string>& text) {
  return text.has_value() ? NumberIn(*text) : std::nullopt;
}

std::optional<std::string> FirstOf(
    std::initializer_list<std::optional<std::string>> values) {
  for (const std::optional<std::string>& value : values) {
    if (value.has_value()) return value;
  }
  return std::nullopt;
}

void AddRow(const BlockDevice& device, Rows& rows) {
  Row& row = rows.Add();
  row.Set("name", DeviceOf(device.name));
  row.Set("parent", ParentOf(device));
  row.Set("vendor", FirstOf({device.Attribute("device/vendor"),
                             device.Property("ID_VENDOR")}));
  row.Set("model", FirstOf({device.Property("ID_MODEL_FROM_DATABASE"),
                            device.Property("ID_MODEL"),
                            device.Attribute("device/model")}));
  row.Set("serial", FirstOf({device.Attribute("device/wwid"),
                             device.Property("ID_SERIAL_SHORT"),
                             device.Attribute("device/serial"),
                             device.Attribute("serial")}));
  row.Set("size", NumberInText(device.Attribute("size")));
  row.Set("block_size",
          NumberInText(device.Attribute("queue/logical_block_size")));
  row.Set("uuid", device.Property("ID_FS_UUID"));
  row.Set("type", device.Property("ID_FS_TYPE"));
  row.Set("label", device.Property("ID_FS_LABEL"));
}

absl::Status GenerateBlockDevices(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                         NamesIn(request.Path(kFolder)));
  for (const std::string& name : names) {
    BlockDevice device;
    device.name = name;
    device.folder = request.Path(fmt::format("{}/{}", kFolder, name));
    AddProperties(request, device);
    AddRow(device, rows);
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kBlockDevicesTable = {
    .name = "block_devices",
    .description = "Disks, partitions and volumes.",
    .columns =
        {
            {"name", ColumnType::kText, "Such as /dev/sda"},
            {"parent", ColumnType::kText,
             "Disk of a partition, first part of a volume"},
            {"vendor", ColumnType::kText, "Maker"},
            {"model", ColumnType::kText, "Model"},
            {"serial", ColumnType::kText, "World wide name or serial number"},
            {"size", ColumnType::kBigInt, "Size in units of 512 bytes"},
            {"block_size", ColumnType::kInteger,
             "Bytes that are addressed at once; NULL for partitions"},
            {"uuid", ColumnType::kText, "Of the file system, as udev noted it"},
            {"type", ColumnType::kText, "File system, as udev noted it"},
            {"label", ColumnType::kText,
             "Of the file system, as udev noted it"},
        },
    .generate = GenerateBlockDevices,
};

}  // namespace tutti::query
