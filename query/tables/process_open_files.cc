// Files that processes have open.
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/processes.h"

namespace tutti::query {
namespace {

absl::Status GenerateProcessOpenFiles(const TableRequest& request, Rows& rows) {
  const std::string proc = request.Path("/proc");
  TUTTI_ASSIGN_OR_RETURN(const std::vector<int64_t> pids,
                         ProcessIds(proc, request.EqualToNumber("pid")));
  for (const int64_t pid : pids) {
    for (const ProcessDescriptor& descriptor : DescriptorsOf(proc, pid)) {
      // Others are "socket:[7]", "pipe:[7]", "anon_inode:[eventfd]".
      if (!descriptor.target.starts_with('/')) continue;
      Row& row = rows.Add();
      row.Set("pid", pid);
      row.Set("fd", descriptor.number);
      row.Set("path", descriptor.target);
    }
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kProcessOpenFilesTable = {
    .name = "process_open_files",
    .description = "Files that processes have open.",
    .columns =
        {
            {"pid", ColumnType::kBigInt, "Process (or thread) ID",
             Pushdown::kUsed},
            {"fd", ColumnType::kBigInt, "Number of the descriptor"},
            {"path", ColumnType::kText,
             "Path of the file, with \" (deleted)\" when it was removed"},
        },
    .generate = GenerateProcessOpenFiles,
};

}  // namespace tutti::query
