// Time since the boot.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

absl::Status GenerateUptime(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path("/proc/uptime")));
  // "4951.90 1377.63".
  const std::optional<int64_t> seconds =
      NumberIn(std::string_view(content).substr(0, content.find('.')));
  if (!seconds.has_value()) return absl::OkStatus();
  Row& row = rows.Add();
  row.Set("days", *seconds / 86'400);
  row.Set("hours", *seconds / 3'600 % 24);
  row.Set("minutes", *seconds / 60 % 60);
  row.Set("seconds", *seconds % 60);
  row.Set("total_seconds", *seconds);
  return absl::OkStatus();
}

}  // namespace

extern const Table kUptimeTable = {
    .name = "uptime",
    .description = "Time since the boot, with that of sleep.",
    .columns =
        {
            {"days", ColumnType::kInteger, "Whole days"},
            {"hours", ColumnType::kInteger, "Hours beyond the days"},
            {"minutes", ColumnType::kInteger, "Minutes beyond the hours"},
            {"seconds", ColumnType::kInteger, "Seconds beyond the minutes"},
            {"total_seconds", ColumnType::kBigInt, "All of it in seconds"},
        },
    .generate = GenerateUptime,
};

}  // namespace tutti::query
