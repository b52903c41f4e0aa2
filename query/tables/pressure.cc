// Pressure stall information of the kernel
// (https://docs.kernel.org/accounting/psi.html).
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/folder.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

// "some avg10=42.68 avg60=47.60 avg300=61.33 total=2519025198".
void AddRow(std::string_view resource, std::string_view line, Rows& rows) {
  const std::vector<std::string_view> words = Words(line);
  if (words.size() < 2) return;
  Row& row = rows.Add();
  row.Set("resource", resource);
  row.Set("kind", words[0]);
  for (const std::string_view word : words) {
    const size_t equals = word.find('=');
    if (equals == word.npos) continue;
    const std::string_view name = word.substr(0, equals);
    const std::string value(word.substr(equals + 1));
    if (name == "total") {
      row.Set("total", NumberIn(value));
    } else if (name == "avg10" || name == "avg60" || name == "avg300") {
      row.Set(name, std::strtod(value.c_str(), nullptr));
    }
  }
}

absl::Status GeneratePressure(const TableRequest& request, Rows& rows) {
  const std::string folder = request.Path("/proc/pressure");
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> resources,
                         NamesIn(folder));
  for (const std::string& resource : resources) {
    TUTTI_ASSIGN_OR_RETURN(const std::string content,
                           ReadIfThere(folder + "/" + resource));
    for (const std::string_view line : LinesOf(content)) {
      AddRow(resource, line, rows);
    }
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kPressureTable = {
    .name = "pressure",
    .description =
        "How long processes wait for the CPU, memory and disks (pressure "
        "stall information).",
    .columns =
        {
            {"resource", ColumnType::kText, "cpu, io, irq or memory"},
            {"kind", ColumnType::kText,
             "some: at least one process waits; full: all of them do"},
            {"avg10", ColumnType::kDouble, "Percentage of the last 10 seconds"},
            {"avg60", ColumnType::kDouble, "Percentage of the last minute"},
            {"avg300", ColumnType::kDouble, "Percentage of the last 5 minutes"},
            {"total", ColumnType::kBigInt, "Microseconds since the boot"},
        },
    .generate = GeneratePressure,
};

}  // namespace tutti::query
