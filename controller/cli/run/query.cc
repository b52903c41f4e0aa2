#include "controller/cli/run/query.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/closest.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/signing/envelope.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/follow/query_rows.h"
#include "controller/cli/output.h"
#include "controller/cli/run/options.h"
#include "controller/cli/run/query_check.h"
#include "controller/cli/run/run_plan.h"
#include "query/cim/all_views.h"
#include "query/engine/database.h"
#include "query/tables/all_tables.h"

namespace tutti::cli {
namespace {

struct QueryOptions {
  RunOptions run;
  std::string sql;
  std::string file;
  // `sql` names one of them, or is empty.
  bool tables = false;
};

absl::StatusOr<std::string> ReadQuery(const QueryOptions& options) {
  if (!options.sql.empty() && !options.file.empty()) {
    return InvalidArgument(
        "--file has the query, and so has the command line; leave one out");
  }
  if (options.file.empty() && options.sql != "-") return options.sql;
  return ReadFileOrStandardInput(options.file.empty() ? "-" : options.file,
                                 kMaxSpecBytes);
}

// Over rows of `columns`. A target of another version may have more of them.
absl::Status CheckMerge(std::string_view sql,
                        std::vector<query::ResultColumn> columns) {
  if (sql.empty()) return absl::OkStatus();
  TUTTI_ASSIGN_OR_RETURN(const auto database,
                         query::Database::Open({}, {}, /*root=*/""));
  columns = WithDistinctNames(std::move(columns));
  columns.insert(columns.begin(), {"target", "TEXT"});
  TUTTI_RETURN_IF_ERROR(database->AddRows("rows", columns, /*rows=*/{}));
  absl::Status status = CheckQuery(*database, "--merge", sql).status();
  if (status.message().find("there is no column") != std::string_view::npos) {
    return absl::OkStatus();
  }
  return status;
}

absl::StatusOr<RunPlan> PlanQuery(const QueryOptions& options) {
  if (options.sql.empty() && options.file.empty()) {
    return InvalidArgument(
        "no query given; write it behind the targets, as in tutti query -t all "
        "\"SELECT * FROM uptime\", or see `tutti query --tables`");
  }
  TUTTI_ASSIGN_OR_RETURN(std::string sql, ReadQuery(options));
  TUTTI_ASSIGN_OR_RETURN(const auto database, OpenTables());
  TUTTI_ASSIGN_OR_RETURN(auto columns, CheckQuery(*database, "query", sql));
  TUTTI_RETURN_IF_ERROR(CheckMerge(options.run.show.merge, std::move(columns)));
  v1::JobSpec work;
  work.mutable_query()->set_sql(std::move(sql));
  return MakePlan(options.run, std::move(work));
}

std::string_view NoteOf(query::Pushdown pushdown) {
  switch (pushdown) {
    case query::Pushdown::kNone:
      return "";
    case query::Pushdown::kUsed:
      return "cheaper";
    case query::Pushdown::kNeeded:
      return "needed";
  }
  return "";
}

absl::StatusOr<std::vector<query::ResultColumn>> ColumnsOf(
    query::Database& database, const query::View& view) {
  return database.Check(fmt::format("SELECT * FROM {}", view.name));
}

absl::StatusOr<Listing> TableList(query::Database& database) {
  Listing listing("tables", "name",
                  {{"TABLE", "name"},
                   {"COLUMNS", "columns", Column::Shown::kAlways, true},
                   {"DESCRIPTION", "description"}});
  for (const query::View& view : query::AllViews()) {
    TUTTI_ASSIGN_OR_RETURN(const auto columns, ColumnsOf(database, view));
    listing.Add({Cell::Text(view.name), Cell::Number(columns.size()),
                 Cell::Text(view.description)});
  }
  for (const query::Table* table : query::AllTables()) {
    listing.Add({Cell::Text(table->name), Cell::Number(table->columns.size()),
                 Cell::Text(table->description)});
  }
  return listing;
}

Listing MakeColumnListing() {
  return Listing("columns", "name",
                 {{"COLUMN", "name"},
                  {"TYPE", "type"},
                  {"CONDITION", "condition"},
                  {"DESCRIPTION", "description"}});
}

absl::StatusOr<Listing> ColumnList(query::Database& database,
                                   const std::string& name) {
  std::vector<std::string> names;
  Listing listing = MakeColumnListing();
  for (const query::View& view : query::AllViews()) {
    names.emplace_back(view.name);
    if (view.name != name) continue;
    TUTTI_ASSIGN_OR_RETURN(const auto columns, ColumnsOf(database, view));
    for (const query::ResultColumn& column : columns) {
      listing.Add({Cell::Text(column.name), Cell::Text(column.type),
                   Cell::Text(""), Cell::Text("")});
    }
    return listing;
  }
  for (const query::Table* table : query::AllTables()) {
    names.emplace_back(table->name);
    if (table->name != name) continue;
    for (const query::Column& column : table->columns) {
      listing.Add({Cell::Text(column.name),
                   Cell::Text(query::NameOf(column.type)),
                   Cell::Text(NoteOf(column.pushdown)),
                   Cell::Text(column.description)});
    }
    return listing;
  }
  const auto meant = Closest(name, names);
  return NotFound("there is no table '{}'{}; `tutti query --tables` lists them",
                  name,
                  meant ? fmt::format(" (did you mean {}?)", *meant) : "");
}

absl::StatusOr<int> ShowTables(const QueryOptions& options, Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const auto database, OpenTables());
  if (options.sql.empty()) {
    TUTTI_ASSIGN_OR_RETURN(const Listing tables, TableList(*database));
    ShowListing(context, tables);
    return kExitOk;
  }
  TUTTI_ASSIGN_OR_RETURN(const Listing columns,
                         ColumnList(*database, options.sql));
  ShowListing(context, columns);
  return kExitOk;
}

}  // namespace

void AddQuery(CLI::App& root, Context& context) {
  auto options = std::make_shared<QueryOptions>();
  CLI::App& verb = AddVerb(
      root, "query",
      "Ask many targets what they are, in SQL over tables of processes, users, "
      "packages and the like, and show their rows together",
      context);
  verb.add_option("SQL", options->sql,
                  "One SELECT, as a single word; - is standard input");
  verb.add_option("--file", options->file, "The query is in this file")
      ->type_name("FILE");
  verb.add_flag("--tables", options->tables,
                "Only list the tables, or the columns of the one that is named "
                "in place of SQL");
  AddQueryOptions(verb, context, options->run);
  SetExamples(
      verb,
      {{"tutti query -t role=db \"SELECT name, resident_size FROM processes "
        "ORDER BY 2 DESC LIMIT 5\"",
        ""},
       {"tutti query -t all -b \"SELECT name, version FROM os_version\"",
        "equal answers once"},
       {"tutti query -t all \"SELECT name FROM users\" --merge \"SELECT name, "
        "count(*) FROM rows GROUP BY 1\"",
        "a second query over all rows"},
       {"tutti query --tables processes", "what can be asked"}});
  SetAction(verb, context, [options](Context& context) -> absl::StatusOr<int> {
    if (options->tables) return ShowTables(*options, context);
    return RunPlanned(options->run, PlanQuery(*options), context);
  });
}

}  // namespace tutti::cli
