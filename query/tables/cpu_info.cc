// The CPUs of each socket.
#include <fmt/format.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/processors.h"
#include "query/host/regular_file.h"
#include "query/host/text_file.h"

namespace tutti::query {
namespace {

// As System Management BIOS numbers them: a central processor, which works.
constexpr int kCentralProcessor = 3;
constexpr int kEnabled = 1;

std::optional<int64_t> MaxMegahertz(const TableRequest& request,
                                    const Processor& processor) {
  const std::optional<std::string> kilohertz = ReadIfReadable(request.Path(
      fmt::format("/sys/devices/system/cpu/cpu{}/cpufreq/cpuinfo_max_freq",
                  processor.number)));
  const std::optional<int64_t> number =
      NumberIn(Trimmed(kilohertz.value_or("")));
  if (!number.has_value()) return std::nullopt;
  return *number / 1000;
}

absl::Status GenerateCpuInfo(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<Processor> processors,
                         Processors(request.Path("")));
  std::map<int64_t, std::vector<Processor>> packages;
  for (const Processor& one : processors) packages[one.package].push_back(one);
  for (const auto& [package, threads] : packages) {
    const Processor& first = threads.front();
    Row& row = rows.Add();
    row.Set("device_id", fmt::format("CPU{}", package));
    row.Set("model", first.brand);
    row.Set("manufacturer", first.vendor);
    row.Set("processor_type", std::to_string(kCentralProcessor));
    row.Set("cpu_status", kEnabled);
    row.Set("number_of_cores", std::to_string(CountCores(threads)));
    row.Set("logical_processors", threads.size());
    if (first.has_64_bits.has_value()) {
      row.Set("address_width", *first.has_64_bits ? "64" : "32");
    }
    row.Set("current_clock_speed", first.megahertz);
    row.Set("max_clock_speed", MaxMegahertz(request, first));
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kCpuInfoTable = {
    .name = "cpu_info",
    .description = "The CPUs, a row for each socket.",
    .columns =
        {
            {"device_id", ColumnType::kText, "Name: CPU0"},
            {"model", ColumnType::kText, "Model: AMD EPYC 9754"},
            {"manufacturer", ColumnType::kText, "Vendor: AuthenticAMD"},
            {"processor_type", ColumnType::kText, "3 (central processor)"},
            {"cpu_status", ColumnType::kInteger, "1 (works)"},
            {"number_of_cores", ColumnType::kText, "Number of cores"},
            {"logical_processors", ColumnType::kInteger,
             "Number of threads of all cores"},
            {"address_width", ColumnType::kText, "64 or 32, of x86"},
            {"current_clock_speed", ColumnType::kInteger,
             "Megahertz of the first core now"},
            {"max_clock_speed", ColumnType::kInteger,
             "Megahertz that the first core may have"},
            {"socket_designation", ColumnType::kText, "Always empty"},
        },
    .generate = GenerateCpuInfo,
};

}  // namespace tutti::query
