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
  std::string quorum;
  std::string canary;
  std::optional<absl::Duration> canary_wait;
  std::string batch;
  std::optional<absl::Duration> batch_wait;
  std::string start_rate;
  std::optional<absl::Duration> splay;
  std::string stop_after;
  std::string max_failures;
  std::optional<bool> count_offline;
  std::optional<bool> stop_running;
  std::optional<absl::Duration> lost_after;
  std::optional<absl::Duration> deadline;
};

// An option that takes a number of the targets, or a part of them.
struct ShareOption {
  std::string_view name;
  std::string SetOptions::*text;
  absl::StatusOr<Share> (*parse)(std::string_view option,
                                 std::string_view text);
  uint32_t (Share::*number_of)(uint64_t targets) const;
  void (v1::SetJobRequest::*set)(uint32_t number);
};

constexpr ShareOption kShareOptions[] = {
    {"--fanout", &SetOptions::fanout, ParseShare, &Share::RoundedUp,
     &v1::SetJobRequest::set_fanout},
    {"--quorum", &SetOptions::quorum, ParseShare, &Share::RoundedUp,
     &v1::SetJobRequest::set_quorum},
    {"--canary", &SetOptions::canary, ParseShare, &Share::RoundedUp,
     &v1::SetJobRequest::set_canary},
    {"--batch", &SetOptions::batch, ParseShare, &Share::RoundedUp,
     &v1::SetJobRequest::set_batch},
    {"--stop-after", &SetOptions::stop_after, ParseShare, &Share::RoundedDown,
     &v1::SetJobRequest::set_stop_after},
    {"--max-failures", &SetOptions::max_failures, ParseMaxFailures,
     &Share::RoundedDown, &v1::SetJobRequest::set_max_failures},
};

// One of these that was given; no share takes the limit away.
struct GivenShare {
  const ShareOption* option = nullptr;
  std::optional<Share> share;
};

// What the options say, whatever the number of targets.
struct SetPlan {
  std::vector<GivenShare> shares;
  v1::SetJobRequest others;
};

absl::StatusOr<SetPlan> MakePlan(const SetOptions& options) {
  SetPlan plan;
  for (const ShareOption& option : kShareOptions) {
    const std::string& text = options.*option.text;
    if (text.empty()) continue;
    GivenShare& given = plan.shares.emplace_back();
    given.option = &option;
    if (text == kNone) continue;
    TUTTI_ASSIGN_OR_RETURN(given.share, option.parse(option.name, text));
  }
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
  if (options.canary_wait) {
    *others.mutable_canary_wait() = ToProto(*options.canary_wait);
  }
  if (options.batch_wait) {
    *others.mutable_batch_wait() = ToProto(*options.batch_wait);
  }
  if (options.splay) *others.mutable_splay() = ToProto(*options.splay);
  if (options.lost_after) {
    *others.mutable_lost_after() = ToProto(*options.lost_after);
  }
  if (options.deadline) *others.mutable_deadline() = ToProto(*options.deadline);
  if (options.count_offline) others.set_count_offline(*options.count_offline);
  if (options.stop_running) others.set_stop_running(*options.stop_running);
  if (plan.shares.empty() && others.ByteSizeLong() == 0) {
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
  for (const auto& [option, share] : plan.shares) {
    (request.*option->set)(share ? ((*share).*option->number_of)(targets) : 0);
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
        if (!plan.shares.empty()) {
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

// `--name` and `--no-name`.
void AddSwitch(CLI::App& verb, const std::string& name,
               std::optional<bool>& value, const std::string& description) {
  verb.add_flag_function(
      fmt::format("--{0},!--no-{0}", name),
      [&value](int64_t count) { value = count > 0; }, description);
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
  AddShare(verb, "--quorum", options->quorum,
           "While nothing has started: so many have to accept, none to start");
  AddShare(verb, "--canary", options->canary,
           "So many first, with those that have started; none lets the others "
           "follow");
  AddDuration(verb, "--canary-wait", options->canary_wait,
              "Pause after a canary that completed");
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
  AddSwitch(verb, "count-offline", options->count_offline,
            "Whether targets that were offline from the start are failures, "
            "too");
  AddSwitch(verb, "stop-running", options->stop_running,
            "Whether what runs is stopped when one of these limits is reached");
  AddDuration(verb, "--lost-after", options->lost_after,
              "After a link was lost for so long the target counts as failed");
  AddDuration(verb, "--deadline", options->deadline,
              "From now: then what runs is stopped, and the rest skipped; 0: "
              "none");
  SetExamples(verb,
              {{"tutti job set last --fanout 20", "20 at once from now on"},
               {"tutti job set 17 --max-failures none --deadline 1h", ""},
               {"tutti job set 17 --max-per-label rack=2", ""},
               {"tutti job set 17 --canary 20 --canary-wait 5m",
                "20 have to complete before the others follow"}});
  SetAction(verb, context,
            [options](Context& context) { return SetJobs(*options, context); });
}

}  // namespace tutti::cli
