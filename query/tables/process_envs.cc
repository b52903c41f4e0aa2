// Environments of processes.
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/processes.h"
#include "query/host/variables.h"

namespace tutti::query {
namespace {

absl::Status GenerateProcessEnvs(const TableRequest& request, Rows& rows) {
  const std::string proc = request.Path("/proc");
  TUTTI_ASSIGN_OR_RETURN(const std::vector<int64_t> pids,
                         ProcessIds(proc, request.EqualToNumber("pid")));
  std::vector<char> buffer;
  for (const int64_t pid : pids) {
    const ProcessFolder process(proc, pid, buffer);
    for (const Variable& variable : VariablesOf(process.Read("environ"))) {
      Row& row = rows.Add();
      row.Set("pid", pid);
      row.Set("key", variable.key);
      row.Set("value", variable.value);
    }
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kProcessEnvsTable = {
    .name = "process_envs",
    .description = "Environment variables that processes were started with.",
    .columns =
        {
            {"pid", ColumnType::kInteger, "Process (or thread) ID",
             Pushdown::kUsed},
            {"key", ColumnType::kText, "Name of the variable"},
            {"value", ColumnType::kText, "Its value"},
        },
    .generate = GenerateProcessEnvs,
};

}  // namespace tutti::query
