#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/jobs/states.h"
#include "controller/cli/connection.h"
#include "controller/cli/follow/awaited_jobs.h"
#include "controller/cli/follow/follow.h"
#include "controller/cli/job/description.h"
#include "controller/cli/job/job.h"
#include "controller/cli/job_selector.h"

namespace tutti::cli {
namespace {

struct WaitOptions {
  std::vector<std::string> jobs;
  bool any = false;
  bool all = false;
  std::optional<absl::Duration> timeout;
};

absl::StatusOr<int> WaitForJob(const WaitOptions& options, Context& context) {
  FollowRequest request;
  TUTTI_ASSIGN_OR_RETURN(request.follower.job,
                         ParseJobSelector(options.jobs.front()));
  request.show.silent = true;
  if (options.timeout == absl::ZeroDuration()) {
    request.follower.follow = false;
  } else {
    request.follower.wait = options.timeout;
  }
  TUTTI_ASSIGN_OR_RETURN(auto signals, SignalPipe::Make());
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(
      const FollowEnd end,
      FollowJob(context, *connection, *signals, std::move(request)));
  return end.exit_status;
}

int ExitStatusOfJob(const AwaitedJobs& jobs, size_t index) {
  return JobExitStatus(jobs.job(index).SelectedStatuses(), {});
}

Listing ListJobs(const AwaitedJobs& jobs) {
  Listing listing("jobs", "number",
                  {
                      {"JOB", "number", Column::Shown::kAlways, /*right=*/true},
                      {"NAME", "name"},
                      {"DONE", "done"},
                      {"STATE", "state"},
                      {"TASKS", "counts"},
                      {"STATUS", "exit_status", Column::Shown::kAlways, true},
                  });
  for (size_t i = 0; i < jobs.size(); ++i) {
    const v1::Job& job = jobs.job(i).job();
    const bool done = jobs.is_over(i);
    const int exit_status = done ? ExitStatusOfJob(jobs, i) : 0;
    listing.Add({
        Cell::Number(job.number()),
        Cell::Text(job.name()),
        {done ? "yes" : "no", done},
        Cell::Text(StateText(job), StyleOf(job.state())),
        {CountsText(job.counts()), CountsToJson(job.counts())},
        {done ? std::to_string(exit_status) : "",
         done ? Json(exit_status) : Json()},
    });
  }
  return listing;
}

// Why we leave jobs that go on; empty when there is nothing to say.
std::string LeaveText(WaitEnd end, const AwaitedJobs& jobs,
                      const AwaitOptions& options) {
  std::vector<uint64_t> pending;
  for (size_t i = 0; i < jobs.size(); ++i) {
    if (!jobs.is_over(i)) pending.push_back(jobs.job(i).job().number());
  }
  if (pending.empty() || jobs.is_fulfilled()) return "";
  const std::string going_on =
      fmt::format("pending: job {}", fmt::join(pending, ", "));
  switch (end) {
    case WaitEnd::kSettled:
      return options.timeout == absl::ZeroDuration()
                 ? going_on
                 : "targets are lost and no longer waited for; " + going_on;
    case WaitEnd::kTimeOver:
      return fmt::format("waited {}; {}",
                         tutti::FormatDuration(*options.timeout), going_on);
    case WaitEnd::kInterrupted:
      return "detached; " + going_on;
    case WaitEnd::kControllerLost:
      return fmt::format("no controller for {}; {}",
                         tutti::FormatDuration(options.reconnect), going_on);
  }
  return "";
}

// Of the jobs that are over, together.
int ExitStatusOfAll(const AwaitedJobs& jobs) {
  std::vector<v1::TaskStatus> tasks;
  for (size_t i = 0; i < jobs.size(); ++i) {
    if (!jobs.is_over(i)) continue;
    for (v1::TaskStatus& task : jobs.job(i).SelectedStatuses()) {
      tasks.push_back(std::move(task));
    }
  }
  OutcomeOptions outcome;
  outcome.left = !jobs.is_fulfilled();
  return JobExitStatus(tasks, outcome);
}

absl::StatusOr<int> WaitForJobs(const WaitOptions& options, Context& context) {
  if (options.any && options.all) {
    return InvalidArgument("--any and --all contradict each other; give one");
  }
  AwaitOptions await;
  await.any = options.any;
  await.timeout = options.timeout;
  for (const std::string& job : options.jobs) {
    TUTTI_ASSIGN_OR_RETURN(await.jobs.emplace_back(), ParseJobSelector(job));
  }
  TUTTI_ASSIGN_OR_RETURN(auto signals, SignalPipe::Make());
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  AwaitedJobs jobs(await, *connection, *signals);
  TUTTI_ASSIGN_OR_RETURN(const WaitEnd end, jobs.Run());
  ShowListing(context, ListJobs(jobs));
  const std::string text = LeaveText(end, jobs, await);
  if (!text.empty()) Warn(context, text);
  return ExitStatusOfAll(jobs);
}

}  // namespace

void AddJobWait(CLI::App& job, Context& context) {
  auto options = std::make_shared<WaitOptions>();
  CLI::App& verb = AddVerb(
      job, "wait", "Wait for the ends of jobs; exit status as of run", context);
  AddPositionals(verb, "JOB", options->jobs, kJobHelp)->required();
  verb.add_flag("--any", options->any, "Until one of the jobs is over");
  verb.add_flag("--all", options->all,
                "Until all of them are over: the default");
  AddDuration(verb, "--timeout", options->timeout,
              "Stay no longer than this (status 7); 0 only looks");
  AddOutputOption(verb, context, {"table", "json", "jsonl"});
  SetExamples(verb,
              {{"tutti job wait last && echo done", ""},
               {"tutti job wait nightly --timeout 10m", "7 when it goes on"},
               {"tutti job wait 16 17 18 --any", "and says which are over"},
               {"tutti job wait 16 17 --timeout 0 -o json", "only looks"}});
  SetAction(verb, context, [options, &verb](Context& context) {
    const bool is_list = options->jobs.size() > 1 || options->any ||
                         options->all || verb.count("--output") > 0;
    return is_list ? WaitForJobs(*options, context)
                   : WaitForJob(*options, context);
  });
}

}  // namespace tutti::cli
