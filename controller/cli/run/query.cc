#include "controller/cli/run/query.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/closest.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/output.h"
#include "controller/cli/run/options.h"
#include "controller/cli/run/query_check.h"
#include "controller/cli/run/query_plan.h"
#include "controller/cli/run/query_series.h"
#include "controller/cli/run/run_plan.h"
#include "query/cim/all_views.h"
#include "query/engine/database.h"
#include "query/tables/all_tables.h"

namespace tutti::cli {
namespace {

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

absl::StatusOr<int> RunQueries(const QueryOptions& options, Context& context) {
  auto queries = PlanQueries(options, context);
  if (!queries.ok()) return queries.status();
  return AskQueries(options, *std::move(queries), context);
}

absl::StatusOr<RunPlan> PlanQuery(const QueryOptions& options,
                                  const Context& context) {
  TUTTI_ASSIGN_OR_RETURN(std::vector<PlannedQuery> queries,
                         PlanQueries(options, context));
  return std::move(queries.front().plan);
}

void AddSeriesOptions(CLI::App& verb, QueryOptions& options) {
  verb.add_option("--pack", options.pack,
                  "All queries of this file, a query pack of osquery, one "
                  "after another; - is standard input")
      ->type_name("FILE");
  verb.add_flag("--skip-unknown-queries", options.skip_unknown_queries,
                "Leave out, and name, what of the pack can not be asked here");
  AddDuration(verb, "--every", options.every,
              "Ask again and again, so far apart, until Ctrl-C");
  verb.add_flag("--changes", options.changes,
                "With --every: only rows that were added or removed since the "
                "target's last answer");
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
  AddSeriesOptions(verb, *options);
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
       {"tutti query -t all --pack incident-response.conf", ""},
       {"tutti query -t all --every 5m --changes \"SELECT port FROM "
        "listening_ports\"",
        "what comes and goes"},
       {"tutti query --tables processes", "what can be asked"}});
  SetAction(verb, context, [options](Context& context) -> absl::StatusOr<int> {
    if (options->tables) return ShowTables(*options, context);
    if (options->is_series()) {
      return WithStatusFor(options->run, RunQueries(*options, context));
    }
    return RunPlanned(options->run, PlanQuery(*options, context), context);
  });
}

}  // namespace tutti::cli
