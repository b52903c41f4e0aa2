#include "controller/cli/follow/receive.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "controller/cli/connection.h"
#include "controller/cli/follow/follow.h"
#include "controller/cli/follow/named_cursor.h"
#include "controller/cli/follow/stream_option.h"
#include "controller/cli/job_selector.h"
#include "controller/cli/moment.h"
#include "controller/cli/resolved_targets.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

struct ReceiveOptions {
  std::string job;
  std::vector<std::string> targets;
  uint32_t attempt = 0;
  bool follow = false;
  std::optional<absl::Duration> wait;
  std::string since;
  // --cursor; empty: none.
  std::string cursor;
  bool quiet = false;
  ShowOptions show;
};

absl::Status Check(const ReceiveOptions& options) {
  if (options.wait && !options.follow) {
    return InvalidArgument("--wait goes with --follow only; add --follow");
  }
  if (options.cursor.empty()) return absl::OkStatus();
  if (options.attempt != 0) {
    return InvalidArgument(
        "--cursor goes on with each target's newest attempt; leave --attempt "
        "out");
  }
  return CheckCursorName(options.cursor);
}

// Lets `request` begin where the reader of that name stands, and keep in
// `cursor` where it ends.
absl::Status UseCursor(const NamedCursor& cursor, Connection& connection,
                       FollowRequest& request) {
  v1::GetJobRequest get;
  *get.mutable_job() = request.follower.job;
  TUTTI_ASSIGN_OR_RETURN(const v1::GetJobResponse response,
                         connection.Call(&v1::JobService::Stub::GetJob, get));
  // `last` may mean another one soon.
  request.follower.job.set_number(response.job().number());
  request.follower.start = cursor.PlacesIn(response);
  request.on_written = [&cursor](const FollowedJob& job) {
    return cursor.Store(job);
  };
  return absl::OkStatus();
}

absl::StatusOr<int> Receive(const ReceiveOptions& options, Context& context) {
  FollowRequest request;
  TUTTI_ASSIGN_OR_RETURN(request.follower.job, ParseJobSelector(options.job));
  TUTTI_ASSIGN_OR_RETURN(request.follower.selection,
                         ParseSelection(options.targets));
  TUTTI_RETURN_IF_ERROR(Check(options));
  request.show = options.show;
  if (!options.since.empty()) {
    TUTTI_ASSIGN_OR_RETURN(
        request.show.choice.since,
        ParseMoment("--output-since", options.since, context.clock.Now()));
  }
  TUTTI_RETURN_IF_ERROR(PrepareToShow(context, options.show));
  request.follower.attempt = options.attempt;
  request.follower.follow = options.follow;
  request.follower.wait = options.wait;
  request.follower.quiet = options.quiet;
  TUTTI_ASSIGN_OR_RETURN(auto signals, SignalPipe::Make());
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_RETURN_IF_ERROR(ResolveSelection(options.targets, *connection,
                                         request.follower.selection));
  std::optional<NamedCursor> cursor;
  if (!options.cursor.empty()) {
    TUTTI_ASSIGN_OR_RETURN(
        cursor, NamedCursor::Open(connection->fleet().fleet, options.cursor));
    TUTTI_RETURN_IF_ERROR(UseCursor(*cursor, *connection, request));
  }
  TUTTI_ASSIGN_OR_RETURN(
      const FollowEnd end,
      FollowJob(context, *connection, *signals, std::move(request)));
  return end.exit_status;
}

// Which part of the output.
void AddChoiceOptions(CLI::App& verb, ReceiveOptions& options) {
  AddRepeatable(verb, "-t,--target,--targets", options.targets,
                "Only these targets; several are united")
      ->type_name("EXPR");
  AddNumber(verb, "--attempt", options.attempt,
            "Only this attempt, of the targets that are in it; default: each "
            "target's newest");
  AddStreamOption(verb, options.show.choice.stream);
  AddNumber(verb, "--tail", options.show.tail,
            "Only the last N lines of each target and stream; with --follow "
            "all that comes afterwards, too");
  verb.add_option("--output-since", options.since,
                  "Only what was said then or later: '10m' (so long ago), "
                  "'2026-11-22 10:30', RFC 3339")
      ->type_name("TIME");
  verb.add_flag("--events", options.show.events,
                "A line on standard error for each change of a target's state");
  verb.add_option("--cursor", options.cursor,
                  "Only what is new since the last reading under this name; "
                  "it is remembered on this host")
      ->type_name("NAME");
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
  AddChoiceOptions(verb, *options);
  AddDuration(verb, "--wait", options->wait,
              "With --follow: stay no longer than this (status 7)");
  verb.add_flag("-q,--quiet", options->quiet,
                "Output, errors and who did not complete, nothing else");
  AddShowOptions(verb, context, options->show);
  SetExamples(verb,
              {{"tutti job receive last", "what came so far"},
               {"tutti job receive 17 --follow", "until it is over"},
               {"tutti job receive 17 --follow --tail 10 --events", ""},
               {"tutti job receive 17 --cursor report", "what is new to it"},
               {"tutti job receive 17 --attempt 1", "before it was retried"},
               {"tutti job receive nightly -t web01 -N > web01.log", ""}});
  SetAction(verb, context,
            [options](Context& context) { return Receive(*options, context); });
}

}  // namespace tutti::cli
