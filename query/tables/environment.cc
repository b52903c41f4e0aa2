// The environment of the query's own process.
#include <string>

#include "common/base/status_macros.h"
#include "query/engine/table.h"
#include "query/host/regular_file.h"
#include "query/host/variables.h"

namespace tutti::query {
namespace {

absl::Status GenerateEnvironment(const TableRequest& request, Rows& rows) {
  TUTTI_ASSIGN_OR_RETURN(const std::string content,
                         ReadIfThere(request.Path("/proc/self/environ")));
  for (const Variable& variable : VariablesOf(content)) {
    Row& row = rows.Add();
    row.Set("key", variable.key);
    row.Set("value", variable.value);
  }
  return absl::OkStatus();
}

}  // namespace

extern const Table kEnvironmentTable = {
    .name = "environment",
    .description = "Environment variables of the query's own process.",
    .columns =
        {
            {"key", ColumnType::kText, "Name of the variable"},
            {"value", ColumnType::kText, "Its value"},
        },
    .generate = GenerateEnvironment,
};

}  // namespace tutti::query
