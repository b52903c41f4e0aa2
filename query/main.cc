// tutti-query: one SQL query over what this host is. The runner starts it for a
// query job; people may, too.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/jobs/query_exit.h"
#include "query/cim/all_views.h"
#include "query/engine/database.h"
#include "query/output/json_rows.h"
#include "query/tables/all_tables.h"

namespace tutti::query {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitWrongQuery = 2;

// The number of its rows.
absl::StatusOr<uint64_t> RunQuery(const std::string& path) {
  TUTTI_ASSIGN_OR_RETURN(const std::string sql, ReadFileOrStandardInput(path));
  TUTTI_ASSIGN_OR_RETURN(const std::unique_ptr<Database> database,
                         Database::Open(AllTables(), AllViews(), /*root=*/""));
  JsonRows rows(STDOUT_FILENO);
  absl::Status status = database->Run(sql, rows);
  // What came before an error counts.
  status.Update(rows.Finish());
  if (!status.ok()) return status;
  return rows.count();
}

int Main(int argc, char** argv) {
  if (argc != 2 || std::string_view(argv[1]) == "--help") {
    fmt::print(
        stderr,
        "usage: tutti-query FILE\n"
        "Runs the SQL query in FILE (-: standard input) over the tables "
        "of this host, and\nwrites its rows as lines of JSON. Exits with "
        "{} when there is a row, with 0 when\nthere is none, with {} "
        "when the query is wrong, and with {} when it fails.\n",
        kExitYielded, kExitWrongQuery, kExitFailed);
    return argc == 2 ? 0 : kExitWrongQuery;
  }
  const absl::StatusOr<uint64_t> rows = RunQuery(argv[1]);
  if (rows.ok()) return *rows > 0 ? kExitYielded : 0;
  fmt::print(stderr, "tutti-query: {}\n", TextOf(rows.status()));
  return absl::IsInvalidArgument(rows.status()) ? kExitWrongQuery : kExitFailed;
}

}  // namespace
}  // namespace tutti::query

int main(int argc, char** argv) { return tutti::query::Main(argc, argv); }
