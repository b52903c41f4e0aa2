#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/jobs/states.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/job/description.h"
#include "controller/cli/job/job.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

struct ListOptions {
  std::vector<std::string> states;
  std::string name;
  uint32_t first = 20;
  bool all = false;
};

std::vector<std::string> StateNames() {
  std::vector<std::string> names;
  for (int i = v1::JobState_MIN; i <= v1::JobState_MAX; ++i) {
    if (!v1::JobState_IsValid(i) || i == v1::JOB_STATE_UNSPECIFIED) continue;
    names.push_back(StateName(static_cast<v1::JobState>(i)));
  }
  return names;
}

// "failed", "FAILED"
absl::StatusOr<v1::JobState> ParseState(std::string text) {
  for (char& c : text) c = static_cast<char>(toupper(c));
  v1::JobState state = v1::JOB_STATE_UNSPECIFIED;
  if (!v1::JobState_Parse("JOB_STATE_" + text, &state) ||
      state == v1::JOB_STATE_UNSPECIFIED) {
    return InvalidArgument("--state: unknown state '{}'; use one of {}", text,
                           fmt::join(StateNames(), ", "));
  }
  return state;
}

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

absl::StatusOr<int> ListJobs(const ListOptions& options, Context& context) {
  v1::ListJobsRequest request;
  request.set_first(options.all ? 0 : options.first);
  request.set_name(options.name);
  for (const std::string& text : options.states) {
    TUTTI_ASSIGN_OR_RETURN(const v1::JobState state, ParseState(text));
    request.add_states(state);
  }
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
  const bool filtered = !options.name.empty() || !options.states.empty();
  ShowListing(context, listing,
              filtered ? "no such jobs; `tutti job list` shows all of them"
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
  verb.add_option("--name", options->name,
                  "Only jobs of this name; * and ? are wildcards")
      ->type_name("NAME")
      ->group("Filters");
  AddNumber(verb, "--first", options->first, "So many at most; default: 20")
      ->group("Filters");
  verb.add_flag("-a,--all", options->all, "All that the controller knows")
      ->group("Filters");
  AddOutputOption(verb, context);
  SetExamples(verb, {{"tutti job list", "the newest 20"},
                     {"tutti job list --state failed --name 'night*'", ""},
                     {"tutti job list -a -o json", "for programs"}});
  SetAction(verb, context, [options](Context& context) {
    return ListJobs(*options, context);
  });
}

}  // namespace tutti::cli
