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

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/jobs/query_exit.h"
#include "common/jobs/query_limits.h"
#include "query/cim/all_views.h"
#include "query/engine/database.h"
#include "query/host/distant_mounts.h"
#include "query/limits/limits.h"
#include "query/output/json_rows.h"
#include "query/tables/all_tables.h"

namespace tutti::query {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitWrongQuery = 2;

struct Command {
  // "-": standard input.
  std::string path;
  QueryLimits limits;
  bool only_exists = false;
  bool help = false;
};

absl::StatusOr<Command> ParseCommand(int argc, char** argv) {
  Command command;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--help") {
      command.help = true;
    } else if (word == "--exists") {
      command.only_exists = true;
    } else if (word.starts_with("--")) {
      TUTTI_RETURN_IF_ERROR(SetQueryLimit(word, command.limits));
    } else if (command.path.empty()) {
      command.path = word;
    } else {
      return InvalidArgument("more than one file: {}; see --help", word);
    }
  }
  if (command.path.empty() && !command.help) {
    return InvalidArgument("no file with a query given; see --help");
  }
  return command;
}

void PrintHelp() {
  const QueryLimits limits;
  fmt::print(
      "usage: tutti-query [--exists] [--cpu-limit=DURATION] "
      "[--memory-limit=SIZE]\n                   [--rows-limit=SIZE] FILE\n"
      "Runs the SQL query in FILE (-: standard input) over the tables of this "
      "host, and\nwrites its rows as lines of JSON. Ends itself past {} of "
      "processor time, {}\nof memory or {} of rows, unless a limit says "
      "otherwise. Exits with {}\nwhen there is a row, with 0 when there is "
      "none, with {} when the query is wrong,\nand with {} when it fails.\n"
      "With --exists it writes no rows, stops at the first one, and gives up "
      "after a minute.\n",
      tutti::FormatDuration(limits.cpu), FormatSize(limits.memory),
      FormatSize(limits.rows), kExitYielded, kExitWrongQuery, kExitFailed);
}

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

// Whether there is a row.
absl::StatusOr<bool> Exists(Database& database, std::string_view sql) {
  alarm(static_cast<unsigned>(absl::ToInt64Seconds(kLongestCondition)));
  FirstRow first;
  const absl::Status status = database.Run(sql, first);
  if (!status.ok() && !first.found()) return status;
  return first.found();
}

// Writes the rows. Whether there is one.
absl::StatusOr<bool> WriteRows(Database& database, std::string_view sql,
                               uint64_t limit) {
  JsonRows rows(STDOUT_FILENO, limit);
  absl::Status status = database.Run(sql, rows);
  // What came before an error counts.
  status.Update(rows.Finish());
  if (!status.ok()) return status;
  return rows.count() > 0;
}

absl::StatusOr<bool> RunQuery(const Command& command) {
  TUTTI_RETURN_IF_ERROR(LimitThisProcess(command.limits, kExitFailed));
  TUTTI_ASSIGN_OR_RETURN(const std::string sql,
                         ReadFileOrStandardInput(command.path));
  TUTTI_ASSIGN_OR_RETURN(const std::unique_ptr<Database> database,
                         Database::Open(AllTables(), AllViews(), /*root=*/""));
  absl::StatusOr<bool> any =
      command.only_exists ? Exists(*database, sql)
                          : WriteRows(*database, sql, command.limits.rows);
  const DistantMounts& distant = DistantMountsOfThisHost();
  // Tables take it for a file that can not be read.
  if (any.ok()) TUTTI_RETURN_IF_ERROR(distant.failure());
  const std::vector<std::string> silent = distant.Silent();
  // Rows that lack something are rows; an answer of yes or no would be a guess.
  if (command.only_exists && any.ok() && !silent.empty()) {
    return Unavailable("{}", fmt::join(silent, "; "));
  }
  for (const std::string& line : silent) {
    fmt::print(stderr, "tutti-query: {}\n", line);
  }
  return any;
}

int Main(int argc, char** argv) {
  const absl::StatusOr<Command> command = ParseCommand(argc, argv);
  if (command.ok() && command->help) {
    PrintHelp();
    return 0;
  }
  absl::Status status = command.status();
  if (status.ok()) {
    const absl::StatusOr<bool> any = RunQuery(*command);
    if (any.ok()) return *any ? kExitYielded : 0;
    status = any.status();
  }
  fmt::print(stderr, "tutti-query: {}\n", TextOf(status));
  const bool wrong = !command.ok() || absl::IsInvalidArgument(status);
  return wrong ? kExitWrongQuery : kExitFailed;
}

}  // namespace
}  // namespace tutti::query

int main(int argc, char** argv) { return tutti::query::Main(argc, argv); }
