#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/jobs/states.h"
#include "common/targets/node_set.h"
#include "controller/cli/compare/comparison_text.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/follow/stream_option.h"
#include "controller/cli/job/job.h"
#include "controller/cli/job_selector.h"
#include "controller/cli/resolved_targets.h"

namespace tutti::cli {
namespace {

// As those of diff(1).
constexpr int kExitDifferent = 1;
constexpr int kExitTrouble = 2;

struct DiffOptions {
  std::string job;
  // Empty: the targets of `job` are compared with each other.
  std::string other_job;
  std::vector<std::string> targets;
  v1::OutputStream stream = v1::OUTPUT_STREAM_UNSPECIFIED;
};

// Says what makes the comparison less than it seems. False when output is
// missing.
bool IsWhole(const JobOutput& output, const Context& context) {
  if (!IsFinal(output.job.state())) {
    Warn(context, fmt::format("job {} goes on; what came so far is compared",
                              output.job.number()));
  }
  std::vector<std::string> incomplete;
  uint64_t missing_bytes = 0;
  for (const TargetOutput& target : output.targets) {
    if (target.missing_bytes == 0) continue;
    incomplete.push_back(target.name);
    missing_bytes += target.missing_bytes;
  }
  if (incomplete.empty()) return true;
  Warn(context,
       fmt::format("{} of the output of {} in job {} are no longer to be had; "
                   "the rest is compared",
                   FormatSize(missing_bytes), FoldNames(incomplete),
                   output.job.number()));
  return false;
}

int DiffExitStatus(const ComparedJobs& compared, bool is_whole,
                   absl::Time now) {
  if (!is_whole) return kExitTrouble;
  const bool all_ran =
      NotRun(compared.first, now).empty() &&
      (compared.second == nullptr || NotRun(*compared.second, now).empty());
  return compared.comparison.IsEqual() && all_ran ? kExitOk : kExitDifferent;
}

void ShowComparison(const ComparedJobs& compared, int exit_status,
                    absl::Time now, const Context& context) {
  if (IsJson(context.output)) {
    Json json = ComparisonToJson(compared, now);
    json["exit_status"] = exit_status;
    Show(context, FormatJson(json, context.output));
    return;
  }
  const ComparisonStyle style = {
      .color = context.terminal.OutputHasColor(),
      .harmless = context.terminal.OutputIsTerminal()};
  Show(context, FormatComparison(compared, style, now));
}

absl::StatusOr<int> DiffJobs(const DiffOptions& options, Context& context) {
  WantedOutput wanted;
  wanted.stream = options.stream;
  TUTTI_ASSIGN_OR_RETURN(wanted.job, ParseJobSelector(options.job));
  v1::JobSelector other_job;
  if (!options.other_job.empty()) {
    TUTTI_ASSIGN_OR_RETURN(other_job, ParseJobSelector(options.other_job));
  }
  TUTTI_ASSIGN_OR_RETURN(wanted.selection, ParseSelection(options.targets));
  TUTTI_ASSIGN_OR_RETURN(auto signals, SignalPipe::Make());
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_RETURN_IF_ERROR(
      ResolveSelection(options.targets, *connection, wanted.selection));
  TUTTI_ASSIGN_OR_RETURN(const JobOutput first,
                         FetchOutput(wanted, context, *connection, *signals));
  bool is_whole = IsWhole(first, context);
  std::optional<JobOutput> second;
  if (!options.other_job.empty()) {
    wanted.job = std::move(other_job);
    TUTTI_ASSIGN_OR_RETURN(second,
                           FetchOutput(wanted, context, *connection, *signals));
    is_whole = IsWhole(*second, context) && is_whole;
  }
  const Comparison comparison =
      second.has_value() ? CompareJobs(first, *second) : CompareTargets(first);
  const ComparedJobs compared = {first, second ? &*second : nullptr,
                                 comparison};
  const absl::Time now = context.clock.Now();
  const int exit_status = DiffExitStatus(compared, is_whole, now);
  ShowComparison(compared, exit_status, now, context);
  return exit_status;
}

}  // namespace

void AddJobDiff(CLI::App& job, Context& context) {
  auto options = std::make_shared<DiffOptions>();
  CLI::App& verb = AddVerb(job, "diff",
                           "Show whose output differs: from most targets', or "
                           "from another job's; exit status as of diff",
                           context);
  verb.add_option("JOB", options->job, kJobHelp)->required();
  verb.add_option("JOB2", options->other_job,
                  "Compare with it, target by target");
  AddRepeatable(verb, "-t,--target,--targets", options->targets,
                "Only these targets; several are united")
      ->type_name("EXPR");
  AddStreamOption(verb, options->stream);
  AddOutputOption(verb, context, {"table", "json", "jsonl"});
  SetExamples(verb, {{"tutti job diff last", "who differs from the majority"},
                     {"tutti job diff 16 17", "what changed since job 16"},
                     {"tutti job diff 16 17 -t 'web*' --stream stdout", ""}});
  SetAction(verb, context, [options](Context& context) {
    return DiffJobs(*options, context);
  });
}

}  // namespace tutti::cli
