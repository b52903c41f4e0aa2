#include "controller/cli/follow/receive.h"

#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "controller/cli/connection.h"
#include "controller/cli/follow/follow.h"
#include "controller/cli/job_selector.h"
#include "controller/cli/resolved_targets.h"

namespace tutti::cli {
namespace {

struct ReceiveOptions {
  std::string job;
  std::vector<std::string> targets;
  uint32_t attempt = 0;
  bool follow = false;
  std::optional<absl::Duration> wait;
  bool quiet = false;
  ShowOptions show;
};

absl::StatusOr<int> Receive(const ReceiveOptions& options, Context& context) {
  FollowRequest request;
  TUTTI_ASSIGN_OR_RETURN(request.follower.job, ParseJobSelector(options.job));
  if (!options.targets.empty()) {
    TUTTI_ASSIGN_OR_RETURN(request.follower.selection,
                           TargetExpression::ParseUnited(options.targets));
  }
  const std::string& stream = options.show.stream;
  if (!stream.empty() && stream != "stdout" && stream != "stderr") {
    return InvalidArgument(
        "--stream: '{}' is neither stdout nor stderr; give one of them, or "
        "leave it out for both",
        stream);
  }
  if (options.wait && !options.follow) {
    return InvalidArgument("--wait goes with --follow only; add --follow");
  }
  TUTTI_RETURN_IF_ERROR(PrepareToShow(context, options.show));
  request.follower.attempt = options.attempt;
  request.follower.follow = options.follow;
  request.follower.wait = options.wait;
  request.follower.quiet = options.quiet;
  request.show = options.show;
  TUTTI_ASSIGN_OR_RETURN(auto signals, SignalPipe::Make());
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  if (request.follower.selection.has_value() &&
      request.follower.selection->NeedsController()) {
    TUTTI_ASSIGN_OR_RETURN(const std::string folded,
                           ResolveTargets(options.targets, *connection));
    TUTTI_ASSIGN_OR_RETURN(request.follower.selection,
                           TargetExpression::Parse(folded));
  }
  return FollowJob(context, *connection, *signals, std::move(request));
}

}  // namespace

void AddJobReceive(CLI::App& job, Context& context) {
  auto options = std::make_shared<ReceiveOptions>();
  CLI::App& verb = AddVerb(
      job, "receive",
      "Show a job's output from the beginning; nothing is deleted", context);
  verb.add_option("JOB", options->job, kJobHelp)->required();
  verb.add_flag("--follow", options->follow,
                "Stay until the job is over; Ctrl-C only ends the showing");
  AddRepeatable(verb, "-t,--target,--targets", options->targets,
                "Only these targets; several are united")
      ->type_name("EXPR");
  AddNumber(verb, "--attempt", options->attempt,
            "Only this attempt, of the targets that are in it; default: each "
            "target's newest");
  verb.add_option("--stream", options->show.stream,
                  "stdout or stderr; default: both")
      ->type_name("STREAM");
  AddDuration(verb, "--wait", options->wait,
              "With --follow: stay no longer than this (status 7)");
  verb.add_flag("-q,--quiet", options->quiet,
                "Output, errors and who did not complete, nothing else");
  AddShowOptions(verb, context, options->show);
  SetExamples(verb,
              {{"tutti job receive last", "what came so far"},
               {"tutti job receive 17 --follow", "until it is over"},
               {"tutti job receive 17 --attempt 1", "before it was retried"},
               {"tutti job receive nightly -t web01 -N > web01.log", ""}});
  SetAction(verb, context,
            [options](Context& context) { return Receive(*options, context); });
}

}  // namespace tutti::cli
