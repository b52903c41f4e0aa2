// tutti-query: one SQL query over what this host is. The runner starts it for a
// query job; people may, too.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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

// Whoever waits for the answer of --exists does not start a job meanwhile.
constexpr unsigned kSecondsToAnswer = 60;

// Ends a query with its first row.
class FirstRow final : public ResultSink {
 public:
  absl::Status OnColumns(const std::vector<ResultColumn>&) override {
    return absl::OkStatus();
  }
  absl::Status OnRow(const std::vector<ResultValue>&) override {
    found_ = true;
    return absl::CancelledError();
  }
  bool found() const { return found_; }

 private:
  bool found_ = false;
};

// How many rows there are; with `only_exists` 1 stands for all of them, and
// none is written.
absl::StatusOr<uint64_t> RunQuery(const std::string& path, bool only_exists) {
  TUTTI_ASSIGN_OR_RETURN(const std::string sql, ReadFileOrStandardInput(path));
  TUTTI_ASSIGN_OR_RETURN(const std::unique_ptr<Database> database,
                         Database::Open(AllTables(), AllViews(), /*root=*/""));
  if (only_exists) {
    alarm(kSecondsToAnswer);
    FirstRow first;
    const absl::Status status = database->Run(sql, first);
    if (!status.ok() && !first.found()) return status;
    return first.found() ? 1 : 0;
  }
  JsonRows rows(STDOUT_FILENO);
  absl::Status status = database->Run(sql, rows);
  // What came before an error counts.
  status.Update(rows.Finish());
  if (!status.ok()) return status;
  return rows.count();
}

int Main(int argc, char** argv) {
  const bool only_exists = argc == 3 && std::string_view(argv[1]) == "--exists";
  if ((argc != 2 && !only_exists) || std::string_view(argv[1]) == "--help") {
    fmt::print(
        stderr,
        "usage: tutti-query [--exists] FILE\n"
        "Runs the SQL query in FILE (-: standard input) over the tables "
        "of this host, and\nwrites its rows as lines of JSON. Exits with "
        "{} when there is a row, with 0 when\nthere is none, with {} "
        "when the query is wrong, and with {} when it fails.\n"
        "With --exists it writes no rows, stops at the first one, and gives up "
        "after a minute.\n",
        kExitYielded, kExitWrongQuery, kExitFailed);
    return argc == 2 ? 0 : kExitWrongQuery;
  }
  const absl::StatusOr<uint64_t> rows = RunQuery(argv[argc - 1], only_exists);
  if (rows.ok()) return *rows > 0 ? kExitYielded : 0;
  fmt::print(stderr, "tutti-query: {}\n", TextOf(rows.status()));
  return absl::IsInvalidArgument(rows.status()) ? kExitWrongQuery : kExitFailed;
}

}  // namespace
}  // namespace tutti::query

int main(int argc, char** argv) { return tutti::query::Main(argc, argv); }
