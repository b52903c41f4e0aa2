#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "common/base/status_macros.h"
#include "controller/cli/connection.h"
#include "controller/cli/follow/follow.h"
#include "controller/cli/job/job.h"
#include "controller/cli/job_selector.h"

namespace tutti::cli {
namespace {

struct WaitOptions {
  std::string job;
  std::optional<absl::Duration> timeout;
};

absl::StatusOr<int> WaitForJob(const WaitOptions& options, Context& context) {
  FollowRequest request;
  TUTTI_ASSIGN_OR_RETURN(request.follower.job, ParseJobSelector(options.job));
  request.show.silent = true;
  if (options.timeout == absl::ZeroDuration()) {
    request.follower.follow = false;
  } else {
    request.follower.wait = options.timeout;
  }
  TUTTI_ASSIGN_OR_RETURN(auto signals, SignalPipe::Make());
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  return FollowJob(context, *connection, *signals, std::move(request));
}

}  // namespace

void AddJobWait(CLI::App& job, Context& context) {
  auto options = std::make_shared<WaitOptions>();
  CLI::App& verb = AddVerb(
      job, "wait", "Wait for a job's end; exit status as of run", context);
  verb.add_option("JOB", options->job, kJobHelp)->required();
  AddDuration(verb, "--timeout", options->timeout,
              "Stay no longer than this (status 7); 0 only looks");
  SetExamples(verb,
              {{"tutti job wait last && echo done", ""},
               {"tutti job wait nightly --timeout 10m", "7 when it goes on"}});
  SetAction(verb, context, [options](Context& context) {
    return WaitForJob(*options, context);
  });
}

}  // namespace tutti::cli
