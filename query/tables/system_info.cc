// What machine the host is.
#include <sys/utsname.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/fields.h"
#include "query/host/processors.h"
#include "query/host/regular_file.h"

namespace tutti::query {
namespace {

// Columns by their file in /sys/class/dmi/id. Serial numbers and the UUID are
// for root alone.
constexpr std::pair<std::string_view, std::string_view> kDmiColumns[] = {
    {"product_uuid", "uuid"},
    {"sys_vendor", "hardware_vendor"},
    {"product_name", "hardware_model"},
    {"product_version", "hardware_version"},
    {"product_serial", "hardware_serial"},
    {"board_vendor", "board_vendor"},
    {"board_name", "board_model"},
    {"board_version", "board_version"},
    {"board_serial", "board_serial"},
};

std::optional<std::string> DmiValue(const TableRequest& request,
                                    std::string_view name) {
  std::optional<std::string> text =
      ReadIfReadable(request.Path("/sys/class/dmi/id/" + std::string(name)));
  if (text.has_value()) text = std::string(Trimmed(*text));
  return text;
}

void SetDmi(const TableRequest& request, Row& row) {
  for (const auto& [file, column] : kDmiColumns) {
    row.Set(column, DmiValue(request, file));
  }
  // Lenovo has them the other way round than everybody else.
  if (DmiValue(request, "sys_vendor") == "LENOVO") {
    row.Set("hardware_model", DmiValue(request, "product_version"));
    row.Set("hardware_version", DmiValue(request, "product_name"));
  }
}

void SetProcessors(const std::vector<Processor>& processors, Row& row) {
  if (processors.empty()) return;
  const Processor& first = processors.front();
  row.Set("cpu_subtype", first.model);
  row.Set("cpu_brand", first.brand);
  row.Set("cpu_microcode", first.microcode);
  row.Set("cpu_physical_cores", CountCores(processors));
  row.Set("cpu_logical_cores", processors.size());
  row.Set("cpu_sockets", CountPackages(processors));
}

absl::Status GenerateSystemInfo(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(
      const std::string hostname,
      ReadIfThere(request.Path("/proc/sys/kernel/hostname")));
  TUTTI_ASSIGN_OR_RETURN(const std::string memory,
                         ReadIfThere(request.Path("/proc/meminfo")));
  TUTTI_ASSIGN_OR_RETURN(const std::vector<Processor> processors,
                         Processors(request.Path("")));
  Row& row = rows.Add();
  for (const std::string_view column :
       {"hostname", "computer_name", "local_hostname"}) {
    row.Set(column, Trimmed(hostname));
  }
  utsname kernel = {};
  if (uname(&kernel) == 0) {
    row.Set("cpu_type", std::string_view(kernel.machine));
  }
  row.Set("physical_memory", BytesOf(FieldsOf(memory), "MemTotal"));
  SetProcessors(processors, row);
  SetDmi(request, row);
  return absl::OkStatus();
}

}  // namespace

extern const Table kSystemInfoTable = {
    .name = "system_info",
    .description = "What machine the host is, in one row.",
    .columns =
        {
            {"hostname", ColumnType::kText, "Host name, as the kernel has it"},
            {"uuid", ColumnType::kText, "Unique ID of the machine"},
            {"cpu_type", ColumnType::kText, "Architecture: x86_64"},
            {"cpu_subtype", ColumnType::kText, "Number of the CPU model"},
            {"cpu_brand", ColumnType::kText, "Model of the CPUs"},
            {"cpu_physical_cores", ColumnType::kInteger, "Number of cores"},
            {"cpu_logical_cores", ColumnType::kInteger,
             "Number of threads of all cores"},
            {"cpu_sockets", ColumnType::kInteger, "Number of sockets"},
            {"cpu_microcode", ColumnType::kText, "Version of the microcode"},
            {"physical_memory", ColumnType::kBigInt, "Bytes of memory"},
            {"hardware_vendor", ColumnType::kText, "Vendor of the machine"},
            {"hardware_model", ColumnType::kText, "Model of the machine"},
            {"hardware_version", ColumnType::kText, "Version of the model"},
            {"hardware_serial", ColumnType::kText, "Serial number"},
            {"board_vendor", ColumnType::kText, "Vendor of the main board"},
            {"board_model", ColumnType::kText, "Model of the main board"},
            {"board_version", ColumnType::kText, "Version of the main board"},
            {"board_serial", ColumnType::kText,
             "Serial number of the main board"},
            {"computer_name", ColumnType::kText, "The host name again"},
            {"local_hostname", ColumnType::kText, "The host name again"},
            {"emulated_cpu_type", ColumnType::kText, "Always empty on Linux"},
        },
    .generate = GenerateSystemInfo,
};

}  // namespace tutti::query
