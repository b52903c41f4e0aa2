#include <fmt/format.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/states.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/job/description.h"
#include "controller/cli/job/job.h"
#include "controller/cli/job/selection.h"
#include "controller/cli/run/share.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

struct StopOptions {
  JobSelection selection;
  bool pending_only = false;
  std::optional<absl::Duration> grace;
  std::string signal;
};

// "INT", "SIGINT", "int", "2"
absl::StatusOr<int> ParseSignal(std::string text) {
  int number = 0;
  if (ParseWhole(text, number) && number >= 1 && number <= SIGRTMAX) {
    return number;
  }
  for (char& c : text) {
    c = static_cast<char>(toupper(static_cast<unsigned char>(c)));
  }
  if (text.starts_with("SIG")) text.erase(0, 3);
  for (int signal = 1; signal < SIGRTMIN; ++signal) {
    const char* name = sigabbrev_np(signal);
    if (name != nullptr && text == name) return signal;
  }
  return InvalidArgument(
      "--signal: there is no signal '{}'; write INT, HUP, ..., or a number "
      "from "
      "1 to {}",
      text, SIGRTMAX);
}

absl::StatusOr<v1::StopJobRequest> MakeRequest(const StopOptions& options) {
  v1::StopJobRequest request;
  for (const std::string& expression : options.selection.targets) {
    request.add_targets(expression);
  }
  if (options.pending_only && (options.grace || !options.signal.empty())) {
    return InvalidArgument(
        "--pending-only ends nothing that runs; leave --grace and --signal "
        "out");
  }
  request.set_pending_only(options.pending_only);
  if (options.grace) {
    *request.mutable_rule()->mutable_grace() = ToProto(*options.grace);
  }
  if (!options.signal.empty()) {
    TUTTI_ASSIGN_OR_RETURN(const int signal, ParseSignal(options.signal));
    request.mutable_rule()->set_signal(signal);
  }
  return request;
}

std::string Describe(const v1::StopJobResponse& response) {
  const v1::Job& job = response.job();
  if (IsFinal(job.state())) {
    return fmt::format("job {} has ended: {} ({})", job.number(),
                       StateName(job.state()), CountsText(job.counts()));
  }
  return fmt::format("stopping job {}: {} · tutti job wait {}", job.number(),
                     CountsText(job.counts()), job.number());
}

absl::StatusOr<int> StopJobs(const StopOptions& options, Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const v1::StopJobRequest wish, MakeRequest(options));
  return ForEachJob(
      options.selection, JobsMeant::kUnfinished, context,
      [&](const v1::JobSelector& job,
          Connection& connection) -> absl::StatusOr<std::string> {
        v1::StopJobRequest request = wish;
        *request.mutable_job() = job;
        TUTTI_ASSIGN_OR_RETURN(
            const v1::StopJobResponse response,
            connection.Call(&v1::JobService::Stub::StopJob, request));
        const bool whole = request.targets().empty() && !request.pending_only();
        if (whole || IsFinal(response.job().state())) return Describe(response);
        return fmt::format(
            "job {}: {} will not start, {} being ended",
            response.job().number(),
            Counted(response.skipped_count(), "target"),
            response.ending_count() == 1
                ? "1 is"
                : fmt::format("{} are", response.ending_count()));
      });
}

}  // namespace

void AddJobStop(CLI::App& job, Context& context) {
  auto options = std::make_shared<StopOptions>();
  CLI::App& verb = AddVerb(
      job, "stop", "End a job: what runs gets TERM, grace, KILL", context);
  AddJobSelection(verb, options->selection);
  AddTaskSelection(verb, options->selection);
  verb.add_flag("--pending-only", options->pending_only,
                "Start nothing more; what runs goes on to its end");
  AddDuration(verb, "--grace", options->grace,
              "Time between the signal and KILL, up to 1h; default: the job's, "
              "10s. Given again, a shorter one counts");
  verb.add_option("--signal", options->signal,
                  "The signal to begin with: INT, HUP, ...; default: TERM")
      ->type_name("NAME");
  SetExamples(verb, {{"tutti job stop last", "the newest job of yours"},
                     {"tutti job stop 17 -t 'web[01-03]'", "only there"},
                     {"tutti job stop 17 --grace 0", "KILL at once"},
                     {"tutti job stop 'nightly*' --all-matching", ""}});
  SetAction(verb, context, [options](Context& context) {
    return StopJobs(*options, context);
  });
}

}  // namespace tutti::cli
