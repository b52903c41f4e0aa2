#include "controller/cli/follow/follow.h"

#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/follow/chosen_output_view.h"
#include "controller/cli/follow/copy_view.h"
#include "controller/cli/follow/directory_view.h"
#include "controller/cli/follow/events_view.h"
#include "controller/cli/follow/gather_view.h"
#include "controller/cli/follow/json_view.h"
#include "controller/cli/follow/line_view.h"
#include "controller/cli/follow/progress_view.h"
#include "controller/cli/follow/rows_view.h"
#include "controller/cli/follow/summary.h"
#include "controller/cli/follow/tail_view.h"
#include "controller/cli/follow/terminal_view.h"
#include "controller/cli/input/raw_terminal.h"

namespace tutti::cli {
namespace {

// On a terminal more targets than this are gathered.
constexpr size_t kGatherFrom = 8;

constexpr std::string_view kQueryKind = "query";
constexpr std::string_view kCopyKind = "copy";

LineViewOptions LineOptions(const Terminal& terminal, const ShowOptions& show,
                            size_t targets) {
  LineViewOptions options;
  options.prefix = !show.no_prefix;
  options.unchanged =
      show.no_prefix && targets == 1 && !terminal.OutputIsTerminal();
  options.harmless_output = terminal.OutputIsTerminal() && !show.raw;
  options.harmless_error = terminal.ErrorIsTerminal() && !show.raw;
  options.color_output = terminal.OutputHasColor();
  options.color_error = terminal.ErrorHasColor();
  options.messages = show.messages;
  options.messages.progress = show.events;
  return options;
}

std::unique_ptr<OutputView> MakeRowsView(const Context& context,
                                         const ShowOptions& show,
                                         const FollowedJob& job, Sinks sinks) {
  const Terminal& terminal = context.terminal;
  RowsViewOptions options;
  options.format = context.output;
  options.gather = show.gather;
  options.merge = show.merge;
  options.series = show.series;
  options.color = terminal.OutputHasColor();
  options.width = terminal.OutputIsTerminal() ? terminal.Width() : 0;
  options.lines = LineOptions(terminal, show, job.selected_count());
  return std::make_unique<RowsView>(job, std::move(options), sinks);
}

// As text, for people.
std::unique_ptr<OutputView> MakeTextView(const Context& context,
                                         const ShowOptions& show,
                                         const FollowedJob& job, Sinks sinks) {
  const Terminal& terminal = context.terminal;
  const size_t targets = job.selected_count();
  const LineViewOptions lines = LineOptions(terminal, show, targets);
  const bool is_crowd = targets > kGatherFrom && terminal.OutputIsTerminal() &&
                        terminal.ErrorIsTerminal() && !show.no_prefix;
  std::unique_ptr<OutputView> view;
  if (show.gather || is_crowd) {
    GatherViewOptions gather;
    gather.lines = lines;
    view = std::make_unique<GatherView>(job, gather, sinks);
  } else {
    view = std::make_unique<LineView>(job, lines, sinks);
  }
  if (job.job().kind() != kCopyKind) return view;
  return std::make_unique<CopyView>(std::move(view), job);
}

std::unique_ptr<OutputView> MakeWholeView(const Context& context,
                                          const ShowOptions& show,
                                          const FollowedJob& job, Sinks sinks) {
  if (show.silent) return std::make_unique<SilentView>();
  if (show.own_view) return show.own_view(job, sinks);
  if (show.terminal) return std::make_unique<TerminalView>(job, sinks);
  if (!show.directory.empty()) {
    return std::make_unique<DirectoryView>(job, show.directory, sinks);
  }
  // -N shows the answers as they came.
  if (job.job().kind() == kQueryKind && !show.no_prefix) {
    return MakeRowsView(context, show, job, sinks);
  }
  if (context.output == OutputFormat::kJsonl) {
    return std::make_unique<JsonLinesView>(job, context.clock, sinks);
  }
  if (context.output == OutputFormat::kJson) {
    return std::make_unique<JsonDocumentView>(job, sinks);
  }
  return MakeTextView(context, show, job, sinks);
}

Follower::MakeView ViewMaker(const Context& context, const ShowOptions& show) {
  return [&context, show](const FollowedJob& job,
                          Sinks sinks) -> std::unique_ptr<OutputView> {
    auto view = MakeWholeView(context, show, job, sinks);
    if (show.tail > 0) {
      view = std::make_unique<TailView>(std::move(view), job, show.tail);
    }
    // The live view stands there.
    if (context.terminal.ErrorIsTerminal()) {
      view = std::make_unique<ProgressView>(std::move(view), job);
    }
    view = std::make_unique<ChosenOutputView>(std::move(view), show.choice);
    // Programs get them anyway.
    if (!show.events || IsJson(context.output)) return view;
    return std::make_unique<EventsView>(std::move(view), job, sinks,
                                        context.terminal.ErrorHasColor());
  };
}

// Why we leave a job that goes on; empty when there is nothing to say.
std::string LeaveText(LeaveReason reason, uint64_t number,
                      const FollowerOptions& options) {
  switch (reason) {
    case LeaveReason::kOver:
      return "";
    case LeaveReason::kRefused:
      return fmt::format("job {} goes on", number);
    case LeaveReason::kWaitOver:
      return fmt::format("waited {}; job {} goes on",
                         tutti::FormatDuration(*options.wait), number);
    case LeaveReason::kTargetsLost:
      return fmt::format(
          "targets are lost and no longer waited for; job {} goes on", number);
    case LeaveReason::kControllerLost:
      return fmt::format("no controller for {}; job {} goes on",
                         tutti::FormatDuration(options.reconnect), number);
    case LeaveReason::kDetached:
      return fmt::format("detached; job {} goes on", number);
    case LeaveReason::kHungUp:
      return fmt::format("hung up; detached, job {} goes on", number);
    case LeaveReason::kLeftStopping:
      return fmt::format("leaving; the controller goes on stopping job {}",
                         number);
    case LeaveReason::kOutputClosed:
      return fmt::format("the output was closed; detached, job {} goes on",
                         number);
  }
  return "";
}

int ExitStatus(const Follower& follower, LeaveReason reason,
               OutcomeOptions outcome) {
  outcome.interrupted = follower.interrupted();
  outcome.left = reason != LeaveReason::kOver;
  return JobExitStatus(follower.job().SelectedStatuses(), outcome);
}

bool RanToItsEnd(const FollowedJob& job) {
  return std::all_of(job.counts().begin(), job.counts().end(),
                     [](const auto& entry) {
                       const auto& [state, count] = entry;
                       return count == 0 || state == v1::TASK_STATE_COMPLETED ||
                              state == v1::TASK_STATE_FAILED;
                     });
}

void SayHowItWent(const Context& context, const Follower& follower,
                  LeaveReason reason, const FollowRequest& request) {
  const v1::Job& job = follower.job().job();
  const uint64_t number =
      follower.job().known() ? job.number() : request.follower.job.number();
  if (!follower.error().ok()) {
    Warn(context, std::string(follower.error().message()));
  }
  const std::string text =
      follower.stopped_alone()
          ? fmt::format("job {} is being stopped: it can not go on without {}",
                        number,
                        request.follower.needs_reader
                            ? "somebody who takes what it sends"
                            : "the rest of its input")
          : LeaveText(reason, number, request.follower);
  if (!text.empty()) Warn(context, text);
  if (reason == LeaveReason::kOutputClosed || !follower.job().known()) return;
  // What the program said of its end stands on the screen.
  if (request.follower.terminal && RanToItsEnd(follower.job())) return;
  SummaryOptions summary;
  summary.job_name =
      request.job_name.empty() ? std::to_string(number) : request.job_name;
  summary.always = !request.follower.quiet && request.follower.follow &&
                   context.terminal.ErrorIsTerminal();
  summary.color = context.terminal.ErrorHasColor();
  summary.elapsed = request.follower.just_started
                        ? follower.elapsed()
                        : ToTime(job.ended_at()) - ToTime(job.started_at());
  context.terminal.WriteError(
      SummaryText(follower.job(), summary, context.clock.Now()));
}

absl::Status NothingHeard(const Connection& connection, LeaveReason reason) {
  return WithExitStatus(
      Unavailable("controller {} did not answer; try again",
                  fmt::join(connection.fleet().controllers, ", ")),
      reason == LeaveReason::kControllerLost ? kExitUnreachable : kExitGoesOn);
}

}  // namespace

void AddShowOptions(CLI::App& verb, Context& context, ShowOptions& options) {
  verb.add_flag("-b,--gather", options.gather,
                "Show equal output once, under folded names (the default on a "
                "terminal from 9 targets)");
  verb.add_flag("-N,--no-prefix", options.no_prefix,
                "No 'web01: ' before lines; one target's bytes then arrive "
                "unchanged in a file or pipe");
  AddOutputOption(verb, context, {"table", "jsonl", "json"});
  verb.add_option("--output-dir", options.directory,
                  "Write DIR/TARGET.stdout and DIR/TARGET.stderr instead; DIR "
                  "must be new or empty")
      ->type_name("DIR");
  verb.add_flag("--raw", options.raw,
                "Let control sequences in output reach the terminal");
  verb.add_flag("--verbose", options.messages.verbose,
                "Show messages that programs mark as verbose");
  verb.add_flag("--debug", options.messages.debug,
                "Show messages that programs mark as debug");
}

void AddRowsOptions(CLI::App& verb, Context& context, ShowOptions& options) {
  verb.add_flag("-b,--gather", options.gather,
                "Show equal answers once, under folded names");
  verb.add_option("--merge", options.merge,
                  "A second query, over the table `rows`: what all targets "
                  "gave, with the column target before the others")
      ->type_name("SQL");
  AddOutputOption(verb, context, {"table", "csv", "jsonl", "json"});
}

absl::Status PrepareToShow(const Context& context, const ShowOptions& options) {
  const bool is_json = IsJson(context.output);
  if (options.gather && !options.merge.empty()) {
    return InvalidArgument(
        "-b goes by each target's answer, --merge puts all together; leave one "
        "of them out");
  }
  if (options.gather && context.output == OutputFormat::kCsv) {
    return InvalidArgument(
        "-o csv goes not with -b, which writes names between the answers; "
        "leave "
        "one of them out");
  }
  if (is_json && (options.gather || options.no_prefix)) {
    return InvalidArgument(
        "-o {} goes with neither -b nor -N; leave one of them out",
        context.output == OutputFormat::kJson ? "json" : "jsonl");
  }
  if (options.directory.empty()) return absl::OkStatus();
  if (is_json || options.gather || options.no_prefix) {
    return InvalidArgument(
        "--output-dir writes bytes unchanged; leave -b, -N and -o out");
  }
  return PrepareOutputDirectory(options.directory);
}

absl::StatusOr<FollowEnd> FollowJob(const Context& context,
                                    Connection& connection, SignalPipe& signals,
                                    FollowRequest request) {
  request.follower.output = !request.show.silent;
  request.follower.catch_up = request.show.tail > 0;
  std::unique_ptr<RawTerminal> raw;
  TUTTI_RETURN_IF_ERROR(connection.Connect());
  Follower follower(
      context, connection.channel(), [&] { return connection.DialNext(); },
      request.follower, signals, ViewMaker(context, request.show));
  if (InputSender* input = request.follower.input; input != nullptr) {
    // What is typed from here on is for the other side.
    if (request.follower.terminal) {
      TUTTI_ASSIGN_OR_RETURN(
          raw, RawTerminal::Enter(context.terminal.input_descriptor()));
    }
    input->Begin(connection.channel(), request.follower.job.number());
  }
  const LeaveReason reason = follower.Run();
  // A job that we have started goes on, whatever the controller says now.
  if (!request.follower.just_started) {
    if (reason == LeaveReason::kRefused) return follower.error();
    if (!follower.job().known()) return NothingHeard(connection, reason);
  }
  const int exit_status = ExitStatus(follower, reason, request.outcome);
  absl::Status written = follower.Finish(exit_status);
  raw.reset();
  if (written.ok() && request.on_written && follower.wrote_all()) {
    written = request.on_written(follower.job());
  }
  SayHowItWent(context, follower, reason, request);
  TUTTI_RETURN_IF_ERROR(WithExitStatus(written, kExitGoesOn));
  return FollowEnd{exit_status, reason, follower.signal()};
}

}  // namespace tutti::cli
