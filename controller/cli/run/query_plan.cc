#include "controller/cli/run/query_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/jobs/job_selector.h"
#include "common/signing/envelope.h"
#include "common/text/mistake_place.h"
#include "controller/cli/follow/query_rows.h"
#include "controller/cli/run/query_check.h"
#include "query/engine/database.h"
#include "query/pack/pack.h"

namespace tutti::cli {
namespace {

constexpr absl::Duration kShortestInterval = absl::Seconds(1);

absl::Status CheckSources(const QueryOptions& options) {
  if (!options.pack.empty() &&
      (!options.sql.empty() || !options.file.empty())) {
    return InvalidArgument(
        "--pack has the queries; leave out the one on the command line and "
        "--file, or --pack");
  }
  if (!options.sql.empty() && !options.file.empty()) {
    return InvalidArgument(
        "--file has the query, and so has the command line; leave one out");
  }
  if (options.skip_unknown_queries && options.pack.empty()) {
    return InvalidArgument(
        "--skip-unknown-queries is about those of a pack; leave it out, or "
        "give "
        "one with --pack");
  }
  if (options.sql.empty() && options.file.empty() && options.pack.empty()) {
    return InvalidArgument(
        "no query given; write it behind the targets, as in tutti query -t all "
        "\"SELECT * FROM uptime\", or see `tutti query --tables`");
  }
  const bool reads_input =
      options.sql == "-" || options.file == "-" || options.pack == "-";
  if (reads_input && StandardInputsRead(options.run) > 0) {
    return InvalidArgument(
        "the query, -T and --env-file: standard input, -, can be read once; "
        "give files");
  }
  return absl::OkStatus();
}

absl::Status CheckPackOptions(const QueryOptions& options) {
  const RunOptions& run = options.run;
  if (!run.id.empty() || !run.supersede.empty() || run.wait) {
    return InvalidArgument(
        "--pack starts a job for each query; leave out --id, --supersede and "
        "--wait (--deadline bounds each of them)");
  }
  if (!run.show.merge.empty()) {
    return InvalidArgument(
        "--merge puts rows of one query together, and those of a pack have "
        "different columns; give one query, or leave --merge out");
  }
  return absl::OkStatus();
}

absl::Status CheckEveryOptions(const QueryOptions& options,
                               const Context& context) {
  const RunOptions& run = options.run;
  if (*options.every < kShortestInterval) {
    return InvalidArgument("--every: {} is too short; give 1s or more",
                           tutti::FormatDuration(*options.every));
  }
  if (run.detach || !run.id.empty() || run.wait) {
    return InvalidArgument(
        "--every stays and starts a job each time; leave out -d, --id and "
        "--wait (--deadline bounds each of them)");
  }
  if (!run.pick.empty()) {
    return InvalidArgument(
        "--pick chooses others each time; give --first, or leave --every out");
  }
  if (context.output == OutputFormat::kJson) {
    return InvalidArgument(
        "-o json is one document, and --every has no end; give -o jsonl");
  }
  return absl::OkStatus();
}

absl::Status CheckChanges(const QueryOptions& options) {
  if (!options.every) {
    return InvalidArgument(
        "--changes compares a query's rows with those before; say with --every "
        "how often it is asked");
  }
  if (options.run.show.gather || !options.run.show.merge.empty()) {
    return InvalidArgument(
        "--changes goes by each target's rows; leave -b and --merge out");
  }
  return absl::OkStatus();
}

absl::Status CheckOptions(const QueryOptions& options, const Context& context) {
  TUTTI_RETURN_IF_ERROR(CheckSources(options));
  if (!options.pack.empty()) TUTTI_RETURN_IF_ERROR(CheckPackOptions(options));
  if (options.every) {
    TUTTI_RETURN_IF_ERROR(CheckEveryOptions(options, context));
  }
  return options.changes ? CheckChanges(options) : absl::OkStatus();
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

// Of a job that is run again and again, and has no other.
std::string IntervalName(absl::Duration every) {
  std::string name = "every-" + tutti::FormatDuration(every);
  std::erase(name, ' ');
  return name;
}

absl::StatusOr<PlannedQuery> PlanOne(const QueryOptions& options,
                                     query::Database& database) {
  PlannedQuery planned;
  std::string sql = options.sql;
  if (sql.empty() || sql == "-") {
    TUTTI_ASSIGN_OR_RETURN(
        sql, ReadFileOrStandardInput(options.file.empty() ? "-" : options.file,
                                     kMaxSpecBytes));
  }
  TUTTI_ASSIGN_OR_RETURN(auto columns, CheckQuery(database, "query", sql));
  TUTTI_RETURN_IF_ERROR(CheckMerge(options.run.show.merge, std::move(columns)));
  v1::JobSpec work;
  work.mutable_query()->set_sql(std::move(sql));
  TUTTI_ASSIGN_OR_RETURN(planned.plan, MakePlan(options.run, std::move(work)));
  planned.job_name = options.run.name;
  if (planned.job_name.empty() && options.every) {
    planned.job_name = IntervalName(*options.every);
  }
  return planned;
}

// "/etc/osquery/packs/incident.conf" is called incident.
std::string PackName(const QueryOptions& options) {
  if (!options.run.name.empty()) return options.run.name;
  std::string_view name = options.pack;
  name.remove_prefix(name.rfind('/') + 1);
  const size_t dot = name.rfind('.');
  if (dot != 0) name = name.substr(0, dot);
  return name.empty() || name == "-" ? "pack" : std::string(name);
}

// Names them all: before the error, or in it where that is to be JSON.
absl::Status RefuseQueries(const std::vector<absl::Status>& mistakes,
                           size_t count, const Context& context) {
  const std::string_view remedy =
      mistakes.size() == count ? "none is left to ask, correct what is wrong"
                               : "correct what is wrong, or leave it out with "
                                 "--skip-unknown-queries";
  if (mistakes.size() == 1) {
    absl::Status mistake =
        InvalidArgument("{}; {}", TextOf(mistakes[0]), remedy);
    mistakes[0].ForEachPayload(
        [&](absl::string_view type, const absl::Cord& payload) {
          mistake.SetPayload(type, payload);
        });
    return mistake;
  }
  const std::string sum = fmt::format("{} of {} queries can not be asked; {}",
                                      mistakes.size(), count, remedy);
  std::vector<std::string_view> texts;
  texts.reserve(mistakes.size());
  for (const absl::Status& mistake : mistakes) {
    texts.push_back(TextOf(mistake));
  }
  if (IsJson(context.output)) {
    return InvalidArgument("{}\n{}", fmt::join(texts, "\n"), sum);
  }
  for (size_t i = 0; i < mistakes.size(); ++i) {
    Warn(context, texts[i]);
    if (!context.terminal.ErrorIsTerminal()) continue;
    context.terminal.WriteError(ShowPlace(mistakes[i]));
  }
  return InvalidArgument("{}", sum);
}

// Takes out what can not be asked, or refuses.
absl::Status CheckPackQueries(const QueryOptions& options,
                              const std::string& pack_name,
                              query::Database& database, query::Pack& pack,
                              const Context& context) {
  std::vector<absl::Status> mistakes;
  std::vector<query::PackQuery> good;
  for (query::PackQuery& query : pack.queries) {
    const std::string label = fmt::format("{}/{}", pack_name, query.name);
    absl::Status status = CheckQuery(database, label, query.sql).status();
    if (status.ok()) status = CheckJobName(label);
    if (status.ok()) {
      good.push_back(std::move(query));
    } else {
      mistakes.push_back(std::move(status));
    }
  }
  if (mistakes.empty()) {
    pack.queries = std::move(good);
    return absl::OkStatus();
  }
  if (!options.skip_unknown_queries || good.empty()) {
    return RefuseQueries(mistakes, pack.queries.size(), context);
  }
  for (const absl::Status& mistake : mistakes) {
    Warn(context, fmt::format("left out: {}", TextOf(mistake)));
  }
  pack.queries = std::move(good);
  return absl::OkStatus();
}

// Adds what a target must have rows for to what --where asks of it.
absl::Status AddDiscovery(const std::string& pack_name, const query::Pack& pack,
                          query::Database& database, v1::JobSpec& work) {
  if (pack.discovery.empty()) return absl::OkStatus();
  const std::string what = pack_name + ": discovery";
  for (const std::string& query : pack.discovery) {
    TUTTI_RETURN_IF_ERROR(CheckQuery(database, what, query).status());
  }
  std::vector<std::string> queries = pack.discovery;
  if (work.has_condition()) queries.push_back(work.condition().sql());
  std::string condition = query::AllHaveRows(queries);
  TUTTI_RETURN_IF_ERROR(CheckQuery(database, what, condition).status());
  work.mutable_condition()->set_sql(std::move(condition));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<PlannedQuery>> PlanPack(const QueryOptions& options,
                                                   query::Database& database,
                                                   const Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const std::string text,
                         ReadFileOrStandardInput(options.pack, kMaxSpecBytes));
  absl::StatusOr<query::Pack> pack = query::ParsePack(text);
  if (!pack.ok()) return WithPrefix(options.pack, pack.status());
  const std::string name = PackName(options);
  TUTTI_RETURN_IF_ERROR(
      CheckPackQueries(options, name, database, *pack, context));
  if (!pack->foreign.empty() && !options.run.quiet) {
    Warn(context, fmt::format("left out, because they are not for Linux: {}",
                              fmt::join(pack->foreign, ", ")));
  }
  TUTTI_ASSIGN_OR_RETURN(RunPlan plan, MakePlan(options.run, v1::JobSpec()));
  TUTTI_RETURN_IF_ERROR(AddDiscovery(name, *pack, database, plan.work));
  std::vector<PlannedQuery> planned;
  planned.reserve(pack->queries.size());
  for (query::PackQuery& query : pack->queries) {
    const std::string label = fmt::format("{}/{}", name, query.name);
    planned.push_back({label, label, plan});
    planned.back().plan.work.mutable_query()->set_sql(std::move(query.sql));
  }
  return planned;
}

}  // namespace

absl::StatusOr<std::vector<PlannedQuery>> PlanQueries(
    const QueryOptions& options, const Context& context) {
  TUTTI_RETURN_IF_ERROR(CheckOptions(options, context));
  TUTTI_ASSIGN_OR_RETURN(const auto database, OpenTables());
  if (!options.pack.empty()) return PlanPack(options, *database, context);
  TUTTI_ASSIGN_OR_RETURN(PlannedQuery planned, PlanOne(options, *database));
  std::vector<PlannedQuery> all;
  all.push_back(std::move(planned));
  return all;
}

}  // namespace tutti::cli
