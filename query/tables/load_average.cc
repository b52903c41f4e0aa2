// Load averages.
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/regular_file.h"

namespace tutti::query {
namespace {

constexpr std::string_view kPeriods[] = {"1m", "5m", "15m"};

absl::Status GenerateLoadAverage(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path("/proc/loadavg")));
  const std::vector<std::string_view> words = Words(content);
  if (words.size() < std::size(kPeriods)) return absl::OkStatus();
  for (size_t i = 0; i < std::size(kPeriods); ++i) {
    Row& row = rows.Add();
    row.Set("period", kPeriods[i]);
    row.Set("average", words[i]);
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kLoadAverageTable = {
    .name = "load_average",
    .description = "Processes that run or wait for a disk, on average.",
    .columns =
        {
            {"period", ColumnType::kText, "1m, 5m or 15m"},
            {"average", ColumnType::kText, "Load average over the period"},
        },
    .generate = GenerateLoadAverage,
};

}  // namespace tutti::query
