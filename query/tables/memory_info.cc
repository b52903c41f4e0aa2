// Main memory.
#include <string>
#include <string_view>
#include <utility>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/fields.h"
#include "query/host/regular_file.h"

namespace tutti::query {
namespace {

// Columns by their name in /proc/meminfo.
constexpr std::pair<std::string_view, std::string_view> kFieldColumns[] = {
    {"MemTotal", "memory_total"},
    {"MemFree", "memory_free"},
    {"MemAvailable", "memory_available"},
    {"Buffers", "buffers"},
    {"Cached", "cached"},
    {"SwapCached", "swap_cached"},
    {"Active", "active"},
    {"Inactive", "inactive"},
    {"SwapTotal", "swap_total"},
    {"SwapFree", "swap_free"},
};

absl::Status GenerateMemoryInfo(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path("/proc/meminfo")));
  const Fields fields = FieldsOf(content);
  if (fields.empty()) return absl::OkStatus();
  Row& row = rows.Add();
  for (const auto& [field, column] : kFieldColumns) {
    row.Set(column, BytesOf(fields, field));
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kMemoryInfoTable = {
    .name = "memory_info",
    .description = "Main memory and swap space, in bytes.",
    .columns =
        {
            {"memory_total", ColumnType::kBigInt, "Memory that there is"},
            {"memory_free", ColumnType::kBigInt, "Memory that nobody uses"},
            {"memory_available", ColumnType::kBigInt,
             "Memory that new programs can have without swapping"},
            {"buffers", ColumnType::kBigInt, "Buffers of block devices"},
            {"cached", ColumnType::kBigInt, "Cached content of files"},
            {"swap_cached", ColumnType::kBigInt,
             "Memory that is in the swap space, too"},
            {"active", ColumnType::kBigInt, "Memory that was used lately"},
            {"inactive", ColumnType::kBigInt,
             "Memory that was not used lately"},
            {"swap_total", ColumnType::kBigInt, "Swap space that there is"},
            {"swap_free", ColumnType::kBigInt, "Swap space that nobody uses"},
        },
    .generate = GenerateMemoryInfo,
};

}  // namespace tutti::query
