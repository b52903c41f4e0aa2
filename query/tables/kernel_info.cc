// The kernel that runs.
#include <string>
#include <string_view>
#include <vector>

#include "common/base/status_macros.h"
#include "common/text/lines.h"
#include "query/engine/table.h"
#include "query/host/regular_file.h"

namespace tutti::query {
namespace {

// What the boot loader says with an option of its own has a column of its own.
void SetArguments(std::string_view command_line, Row& row) {
  constexpr std::string_view kImage = "BOOT_IMAGE=";
  constexpr std::string_view kRoot = "root=";
  std::string arguments;
  for (const std::string_view word : Words(command_line)) {
    if (word.starts_with(kImage)) {
      row.Set("path", word.substr(kImage.size()));
    } else if (word.starts_with(kRoot)) {
      row.Set("device", word.substr(kRoot.size()));
    } else {
      if (!arguments.empty()) arguments += ' ';
      arguments += word;
    }
  }
  row.Set("arguments", arguments);
}

absl::Status GenerateKernelInfo(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::string version,
                         ReadIfThere(request.Path("/proc/version")));
  TUTTI_ASSIGN_OR_RETURN(const std::string command_line,
                         ReadIfThere(request.Path("/proc/cmdline")));
  if (version.empty() && command_line.empty()) return absl::OkStatus();
  Row& row = rows.Add();
  // "Linux version 6.1.0-18-amd64 (...) ...".
  const std::vector<std::string_view> words = Words(version);
  if (words.size() > 2 && words[1] == "version") row.Set("version", words[2]);
  SetArguments(Trimmed(command_line), row);
  return absl::OkStatus();
}

}  // namespace

extern const Table kKernelInfoTable = {
    .name = "kernel_info",
    .description = "The kernel that runs.",
    .columns =
        {
            {"version", ColumnType::kText, "Release, as of uname -r"},
            {"arguments", ColumnType::kText,
             "Arguments but those of the other columns"},
            {"path", ColumnType::kText, "Image that was booted"},
            {"device", ColumnType::kText, "Device of the root file system"},
        },
    .generate = GenerateKernelInfo,
};

}  // namespace tutti::query
