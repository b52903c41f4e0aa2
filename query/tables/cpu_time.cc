// What each CPU has spent its time on.
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

// In the order of /proc/stat. Old kernels have fewer.
constexpr std::string_view kColumns[] = {
    "user", "nice",    "system", "idle",  "iowait",
    "irq",  "softirq", "steal",  "guest", "guest_nice",
};

absl::Status GenerateCpuTime(const TableRequest& request, Rows& rows) {
  constexpr std::string_view kPrefix = "cpu";
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path("/proc/stat")));
  for (const std::string_view line : LinesOf(content)) {
    const std::vector<std::string_view> words = Words(line);
    if (words.empty() || !words[0].starts_with(kPrefix)) continue;
    const std::optional<int64_t> core =
        NumberIn(words[0].substr(kPrefix.size()));
    // The first line is of all together.
    if (!core.has_value()) continue;
    Row& row = rows.Add();
    row.Set("core", *core);
    for (size_t i = 0; i < std::size(kColumns); ++i) {
      if (i + 1 >= words.size()) {
        row.Set(kColumns[i], 0);
      } else {
        row.Set(kColumns[i], NumberIn(words[i + 1]));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kCpuTimeTable = {
    .name = "cpu_time",
    .description =
        "What each CPU has spent its time on since the boot, in clock ticks "
        "(hundredths of a second).",
    .columns =
        {
            {"core", ColumnType::kInteger, "Number of the CPU"},
            {"user", ColumnType::kBigInt, "User mode"},
            {"nice", ColumnType::kBigInt, "User mode with a low priority"},
            {"system", ColumnType::kBigInt, "The kernel"},
            {"idle", ColumnType::kBigInt, "Nothing"},
            {"iowait", ColumnType::kBigInt, "Nothing, while disks work"},
            {"irq", ColumnType::kBigInt, "Interrupts"},
            {"softirq", ColumnType::kBigInt, "Soft interrupts"},
            {"steal", ColumnType::kBigInt,
             "Other virtual machines, as the hypervisor chose"},
            {"guest", ColumnType::kBigInt, "Virtual machines of its own"},
            {"guest_nice", ColumnType::kBigInt,
             "Virtual machines of its own with a low priority"},
        },
    .generate = GenerateCpuTime,
};

}  // namespace tutti::query
