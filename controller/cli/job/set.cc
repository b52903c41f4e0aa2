#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "controller/cli/job/description.h"
#include "controller/cli/job/job.h"
#include "controller/cli/job/selection.h"
#include "controller/cli/run/max_per_label.h"
#include "controller/cli/run/rollout.h"
#include "controller/cli/run/share.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

constexpr std::string_view kNone = "none";

struct SetOptions {
  JobSelection selection;
  std::string fanout;
  std::vector<std::string> max_per_label;
  std::string batch;
  std::optional<absl::Duration> batch_wait;
  std::string start_rate;
  std::optional<absl::Duration> splay;
  std::string stop_after;
  std::string max_failures;
  bool stop_running = false;
  std::optional<absl::Duration> lost_after;
  std::optional<absl::Duration> deadline;
};

// What the options say, whatever the number of targets. A share that is there
// and has no value takes the limit away.
struct SetPlan {
  std::optional<std::optional<Share>> fanout;
  std::optional<std::optional<Share>> batch;
  std::optional<std::optional<Share>> stop_after;
  std::optional<std::optional<Share>> max_failures;
  v1::SetJobRequest others;
  bool any_share = false;
};

template <typename Parse>
absl::Status ParseInto(std::string_view option, const std::string& text,
                       Parse parse, SetPlan& plan,
                       std::optional<std::optional<Share>>& share) {
  if (text.empty()) return absl::OkStatus();
  plan.any_share = true;
  if (text == kNone) {
    share.emplace();
    return absl::OkStatus();
  }
  TUTTI_ASSIGN_OR_RETURN(const Share parsed, parse(option, text));
  share.emplace(parsed);
  return absl::OkStatus();
}

absl::StatusOr<SetPlan> MakePlan(const SetOptions& options) {
  SetPlan plan;
  TUTTI_RETURN_IF_ERROR(
      ParseInto("--fanout", options.fanout, ParseShare, plan, plan.fanout));
  TUTTI_RETURN_IF_ERROR(
      ParseInto("--batch", options.batch, ParseShare, plan, plan.batch));
  TUTTI_RETURN_IF_ERROR(ParseInto("--stop-after", options.stop_after,
                                  ParseShare, plan, plan.stop_after));
  TUTTI_RETURN_IF_ERROR(ParseInto("--max-failures", options.max_failures,
                                  ParseMaxFailures, plan, plan.max_failures));
  v1::SetJobRequest& others = plan.others;
  TUTTI_ASSIGN_OR_RETURN(const std::vector<v1::MaxPerLabel> labels,
                         ParseMaxPerLabel(options.max_per_label, /*least=*/0));
  others.mutable_max_per_label()->Assign(labels.begin(), labels.end());
  if (!options.start_rate.empty()) {
    TUTTI_ASSIGN_OR_RETURN(
        const absl::Duration interval,
        ParseStartRate(options.start_rate == kNone ? "" : options.start_rate));
    *others.mutable_start_interval() = ToProto(interval);
  }
  if (options.batch_wait) {
    *others.mutable_batch_wait() = ToProto(*options.batch_wait);
  }
  if (options.splay) *others.mutable_splay() = ToProto(*options.splay);
  if (options.lost_after) {
    *others.mutable_lost_after() = ToProto(*options.lost_after);
  }
  if (options.deadline) *others.mutable_deadline() = ToProto(*options.deadline);
  if (options.stop_running) others.set_stop_running(true);
  if (!plan.any_share && others.ByteSizeLong() == 0) {
    return InvalidArgument(
        "nothing is to be changed; give --fanout, --batch, --deadline or "
        "another option of `tutti job set --help`");
  }
  return plan;
}

// Of the newest attempt that goes on, whose shares these are. Names the job by
// its number then, whatever `last` means a moment later.
absl::StatusOr<uint64_t> CountTargets(v1::JobSelector& job,
                                      Connection& connection) {
  v1::GetJobRequest request;
  *request.mutable_job() = job;
  TUTTI_ASSIGN_OR_RETURN(
      const v1::GetJobResponse response,
      connection.Call(&v1::JobService::Stub::GetJob, request));
  job.set_number(response.job().number());
  const auto& attempts = response.job().attempts();
  for (auto attempt = attempts.rbegin(); attempt != attempts.rend();
       ++attempt) {
    if (attempt->unfinished_count() > 0) return attempt->target_count();
  }
  return response.job().target_count();
}

v1::SetJobRequest MakeRequest(const SetPlan& plan, uint64_t targets) {
  v1::SetJobRequest request = plan.others;
  if (const auto& share = plan.fanout) {
    request.set_fanout(*share ? (*share)->RoundedUp(targets) : 0);
  }
  if (const auto& share = plan.batch) {
    request.set_batch(*share ? (*share)->RoundedUp(targets) : 0);
  }
  if (const auto& share = plan.stop_after) {
    request.set_stop_after(*share ? (*share)->RoundedDown(targets) : 0);
  }
  if (const auto& share = plan.max_failures) {
    request.set_max_failures(*share ? (*share)->RoundedDown(targets) : 0);
  }
  return request;
}

absl::StatusOr<int> SetJobs(const SetOptions& options, Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const SetPlan plan, MakePlan(options));
  return ForEachJob(
      options.selection, JobsMeant::kUnfinished, context,
      [&](v1::JobSelector job,
          Connection& connection) -> absl::StatusOr<std::string> {
        uint64_t targets = 0;
        if (plan.any_share) {
          TUTTI_ASSIGN_OR_RETURN(targets, CountTargets(job, connection));
        }
        v1::SetJobRequest request = MakeRequest(plan, targets);
        *request.mutable_job() = job;
        TUTTI_ASSIGN_OR_RETURN(
            const v1::SetJobResponse response,
            connection.Call(&v1::JobService::Stub::SetJob, request));
        return fmt::format("job {} changed: {} ({})", response.job().number(),
                           StateText(response.job()),
                           CountsText(response.job().counts()));
      });
}

void AddShare(CLI::App& verb, const std::string& names, std::string& value,
              const std::string& description) {
  verb.add_option(names, value, description)->type_name("N");
}

}  // namespace

void AddJobSet(CLI::App& job, Context& context) {
  auto options = std::make_shared<SetOptions>();
  CLI::App& verb =
      AddVerb(job, "set", "Change how a job goes on while it runs", context);
  AddJobSelection(verb, options->selection);
  AddShare(verb, "-f,--fanout", options->fanout,
           "How many at once: 10, 25%, none for all");
  AddRepeatable(verb, "--max-per-label", options->max_per_label,
                "No more than so many at once of those that agree in a label "
                "or fact: rack=2; rack=0 takes the limit away; repeatable")
      ->type_name("LABEL=N");
  AddShare(
      verb, "--batch", options->batch,
      "So many start; the next so many when these are done: 10, 25%, none");
  AddDuration(verb, "--batch-wait", options->batch_wait,
              "Pause from the end of a batch to the next one");
  verb.add_option("--start-rate", options->start_rate,
                  "Start no faster than this: 50/s, 30/m, none")
      ->type_name("RATE");
  AddDuration(verb, "--splay", options->splay,
              "Put each start off by a random part of this");
  AddShare(verb, "--stop-after", options->stop_after,
           "Start nothing more once so many have failed: 5, 10%, none");
  AddShare(verb, "--max-failures", options->max_failures,
           "Never more failures than this: 3, 10%, none");
  verb.add_flag("--stop-running", options->stop_running,
                "Stop what runs when one of these limits is reached");
  AddDuration(verb, "--lost-after", options->lost_after,
              "After a link was lost for so long the target counts as failed");
  AddDuration(verb, "--deadline", options->deadline,
              "From now: then what runs is stopped, and the rest skipped; 0: "
              "none");
  SetExamples(verb,
              {{"tutti job set last --fanout 20", "20 at once from now on"},
               {"tutti job set 17 --max-failures none --deadline 1h", ""},
               {"tutti job set 17 --max-per-label rack=2", ""}});
  SetAction(verb, context,
            [options](Context& context) { return SetJobs(*options, context); });
}

}  // namespace tutti::cli
