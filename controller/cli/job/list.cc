#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/states.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/job/description.h"
#include "controller/cli/job/job.h"
#include "controller/cli/moment.h"
#include "controller/cli/state_names.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

struct ListOptions {
  std::vector<std::string> states;
  std::vector<std::string> task_states;
  std::vector<std::string> kinds;
  std::string name;
  std::vector<std::string> targets;
  std::string by;
  std::string since;
  std::string until;
  uint32_t first = 20;
  bool all = false;
};

Listing EmptyListing() {
  using Shown = Column::Shown;
  return Listing("jobs", "number",
                 {
                     {"JOB", "number", Shown::kAlways, /*right=*/true},
                     {"NAME", "name"},
                     {"STATE", "state"},
                     {"TARGETS", "target_count", Shown::kAlways, true},
                     {"TASKS", "counts"},
                     {"STARTED", "started_at"},
                     {"ENDED", "ended_at", Shown::kWide},
                     {"BY", "operator", Shown::kWide},
                     {"USER", "user", Shown::kWide},
                     {"EXPRESSION", "target_expression", Shown::kWide},
                     {"UUID", "uuid", Shown::kWide},
                     {"KIND", "kind", Shown::kData},
                     {"HELD", "held", Shown::kData},
                     {"LOST", "lost_count", Shown::kData},
                     {"COMMAND", "command"},
                 });
}

std::vector<Cell> MakeRow(const v1::Job& job, absl::Time now) {
  const Json data = JobToJson(job);
  const auto cell = [&data](const char* key, std::string text,
                            Style style = Style::kNone) {
    return Cell{std::move(text), data[key], style};
  };
  return {
      Cell::Number(job.number()),
      cell("name", job.name()),
      cell("state", StateText(job), StyleOf(job.state())),
      Cell::Number(job.target_count()),
      cell("counts", CountsText(job.counts())),
      Cell::Time(ToTime(job.started_at()), now),
      Cell::Time(ToTime(job.ended_at()), now),
      cell("operator", job.operator_()),
      cell("user", job.user()),
      cell("target_expression", job.target_expression()),
      cell("uuid", UuidText(job)),
      cell("kind", job.kind()),
      cell("held", ""),
      cell("lost_count", ""),
      cell("command", job.summary()),
  };
}

Listing MakeListing(const v1::ListJobsResponse& response, absl::Time now) {
  Listing listing = EmptyListing();
  for (const v1::Job& job : response.jobs()) listing.Add(MakeRow(job, now));
  return listing;
}

absl::StatusOr<v1::ListJobsRequest> MakeRequest(const ListOptions& options,
                                                absl::Time now) {
  v1::ListJobsRequest request;
  request.set_first(options.all ? 0 : options.first);
  request.set_name(options.name);
  request.set_operator_(options.by);
  for (const std::string& text : options.states) {
    TUTTI_ASSIGN_OR_RETURN(const v1::JobState state,
                           ParseState<v1::JobState>("--state", text));
    request.add_states(state);
  }
  for (const std::string& text : options.task_states) {
    TUTTI_ASSIGN_OR_RETURN(const v1::TaskState state,
                           ParseState<v1::TaskState>("--task-state", text));
    request.add_task_states(state);
  }
  for (const std::string& kind : options.kinds) request.add_kinds(kind);
  for (const std::string& text : options.targets) request.add_targets(text);
  if (!options.since.empty()) {
    TUTTI_ASSIGN_OR_RETURN(const absl::Time since,
                           ParseMoment("--since", options.since, now));
    *request.mutable_since() = ToProto(since);
  }
  if (!options.until.empty()) {
    TUTTI_ASSIGN_OR_RETURN(const absl::Time until,
                           ParseMoment("--until", options.until, now));
    *request.mutable_until() = ToProto(until);
  }
  return request;
}

absl::StatusOr<int> ListJobs(const ListOptions& options, Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const v1::ListJobsRequest request,
                         MakeRequest(options, context.clock.Now()));
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(
      const v1::ListJobsResponse response,
      connection->Call(&v1::JobService::Stub::ListJobs, request));
  const Listing listing = MakeListing(response, context.clock.Now());
  if (context.output == OutputFormat::kTable && !listing.empty()) {
    // Commands are of any length, so they are cut in a pipe too.
    const Terminal& terminal = context.terminal;
    Show(context, listing.Format(context.output, terminal.OutputHasColor(),
                                 terminal.Width()));
    return kExitOk;
  }
  v1::ListJobsRequest filters = request;
  filters.clear_first();
  ShowListing(context, listing,
              filters.ByteSizeLong() > 0
                  ? "no such jobs; `tutti job list` shows all of them"
                  : "no jobs yet; `tutti run -t all -- uptime` starts "
                    "one");
  return kExitOk;
}

}  // namespace

void AddJobList(CLI::App& job, Context& context) {
  auto options = std::make_shared<ListOptions>();
  CLI::App& verb = AddVerb(job, "list", "List jobs, newest first", context);
  verb.alias("ls");
  AddRepeatable(verb, "--state", options->states,
                "Only jobs in this state; repeatable")
      ->type_name("STATE")
      ->group("Filters");
  AddRepeatable(verb, "--task-state", options->task_states,
                "Only jobs with a target in this state; repeatable")
      ->type_name("STATE")
      ->group("Filters");
  AddRepeatable(verb, "--kind", options->kinds,
                "Only jobs of this kind; repeatable")
      ->type_name("KIND")
      ->group("Filters");
  verb.add_option("--name", options->name,
                  "Only jobs of this name; * and ? are wildcards")
      ->type_name("NAME")
      ->group("Filters");
  AddRepeatable(verb, "-t,--target,--targets", options->targets,
                "Only jobs with one of these targets; repeatable")
      ->type_name("EXPR")
      ->group("Filters");
  verb.add_option("--by", options->by,
                  "Only jobs that this operator started; * and ? are wildcards")
      ->type_name("NAME")
      ->group("Filters");
  verb.add_option("--since", options->since,
                  "Started since then: 2h for so long ago, 2026-11-22, "
                  "2026-11-22T10:30")
      ->type_name("TIME")
      ->group("Filters");
  verb.add_option("--until", options->until, "Started before then")
      ->type_name("TIME")
      ->group("Filters");
  AddNumber(verb, "--first", options->first, "So many at most; default: 20")
      ->group("Filters");
  verb.add_flag("-a,--all", options->all, "All that the controller knows")
      ->group("Filters");
  AddOutputOption(verb, context);
  SetExamples(verb, {{"tutti job list", "the newest 20"},
                     {"tutti job list --state failed --name 'night*'", ""},
                     {"tutti job list -t web07 --since 1d", ""},
                     {"tutti job list -a -o json", "for programs"}});
  SetAction(verb, context, [options](Context& context) {
    return ListJobs(*options, context);
  });
}

}  // namespace tutti::cli
