#include "controller/cli/run/query_series.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <signal.h>

#include <cerrno>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/clock.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/follow/descriptor_writer.h"
#include "controller/cli/follow/drain.h"
#include "controller/cli/follow/follow.h"
#include "controller/cli/follow/outcome.h"
#include "controller/cli/follow/row_changes.h"
#include "controller/cli/follow/rows_document.h"
#include "controller/cli/follow/rows_series.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/run/kept_jobs.h"
#include "controller/cli/run/rhythm.h"
#include "controller/cli/run/run_plan.h"
#include "controller/cli/run/series_targets.h"
#include "controller/cli/run/start.h"

namespace tutti::cli {
namespace {

// Whether it may go better the next time.
bool IsPassingError(const absl::Status& error) {
  return absl::IsUnavailable(error) || absl::IsDeadlineExceeded(error);
}

// Whether whoever started this wants no more of it, or can not have it.
bool EndsSeries(LeaveReason reason) {
  switch (reason) {
    case LeaveReason::kOver:
    case LeaveReason::kWaitOver:
    case LeaveReason::kTargetsLost:
    case LeaveReason::kControllerLost:
      return false;
    case LeaveReason::kDetached:
    case LeaveReason::kHungUp:
    case LeaveReason::kLeftStopping:
    case LeaveReason::kOutputClosed:
    case LeaveReason::kRefused:
      return true;
  }
  return true;
}

// Of a signal that stops the queries which are left.
int ExitStatusOfSignal(int signal) {
  if (signal == SIGINT) return kExitInterrupted;
  return signal == SIGHUP ? kExitGoesOn : kExitStopped;
}

// Of a time that broke off after jobs of it were started.
int ExitStatusOfBreak(const absl::Status& error) {
  return ExitStatusOf(error) == kExitGoesOn ? kExitGoesOn : kExitNotRun;
}

class QuerySeries {
 public:
  QuerySeries(const QueryOptions& options, std::vector<PlannedQuery> queries,
              Context& context)
      : options_(options), context_(context) {
    queries_.reserve(queries.size());
    for (PlannedQuery& query : queries) queries_.emplace_back(std::move(query));
  }

  absl::StatusOr<int> Run();

 private:
  struct Query {
    explicit Query(PlannedQuery planned) : planned(std::move(planned)) {}
    PlannedQuery planned;
    // With --changes.
    RowChanges changes;
    // With --every.
    KeptJobs kept;
  };

  const RunPlan& first_plan() const { return queries_.front().planned.plan; }
  // Of one query: with the name of its jobs.
  RunOptions OptionsOf(const Query& query) const;
  RowsSeries SeriesOf(Query& query);
  absl::StatusOr<int> ShowCards(const ResolvedRun& run);

  std::vector<std::string> JobNames() const;

  // Asks all on these targets, and shows what goes into one document.
  absl::Status AskAll(ResolvedRun run);
  absl::Status AskEach(ResolvedRun& run);
  absl::Status Ask(Query& query, ResolvedRun& run);
  absl::StatusOr<uint64_t> Start(Query& query, ResolvedRun& run);
  // What the end of a query's job means for those behind it.
  absl::Status TakeEnd(const FollowEnd& end, uint64_t number);
  void WriteDocument();
  // Names the queries from this one on, which are not asked.
  void TellRest(size_t first);

  // Until it is left.
  absl::StatusOr<int> Repeat(ResolvedRun run);
  absl::Status AskAgain(const WantedTargets& wanted);
  // Waits for the next turn; false: it is left.
  bool WaitForTurn(Rhythm& rhythm);
  // Waits until it is time for the next; false: it is left.
  bool WaitFor(absl::Time time);
  // True when a signal ended it.
  bool TakeSignals();
  void LeaveBy(int signal);
  // The class `status` counts as well from now on.
  void Count(int status);
  void Leave(int status);
  void ForgetOldJobs();

  const QueryOptions& options_;
  Context& context_;
  const SteadyClock steady_;
  std::vector<Query> queries_;
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<SignalPipe> signals_;
  // Of JSON and CSV: all answers of one time. Null: each is shown by itself.
  std::unique_ptr<RowsDocument> document_;
  // What CSV began with last.
  std::string header_;
  // When this time's were asked.
  absl::Time asked_at_;
  // It is not the first time.
  bool again_ = false;
  // That nobody is meant was said, and holds.
  bool told_nobody_ = false;
  // A job may be there, of any time.
  bool started_ = false;
  // Of the jobs of this time; until one is started, of those of the time
  // before.
  int status_ = kExitOk;
  // Nothing of `status_` is still to come.
  bool complete_ = false;
  // The job before, which goes on where its targets or the controller are
  // lost.
  std::optional<uint64_t> beside_;
  bool left_ = false;
};

absl::StatusOr<int> QuerySeries::Run() {
  TUTTI_ASSIGN_OR_RETURN(WantedTargets wanted,
                         ParseTargets(options_.run, first_plan().parameters));
  if (options_.every) {
    TUTTI_RETURN_IF_ERROR(CheckSeriesTargets(wanted, JobNames()));
  }
  TUTTI_ASSIGN_OR_RETURN(connection_, Connection::Open(context_));
  TUTTI_ASSIGN_OR_RETURN(
      ResolvedRun run, ResolveRun(options_.run, first_plan(), std::move(wanted),
                                  *connection_, context_));
  if (run.names.empty() && (!options_.every || options_.run.dry_run)) {
    SayNobody(run, context_);
    return kExitOk;
  }
  if (options_.run.dry_run) return ShowCards(run);
  TUTTI_RETURN_IF_ERROR(PrepareToShow(context_, options_.run.show));
  TUTTI_RETURN_IF_ERROR(Confirm(options_.run, run, context_));
  if (context_.output == OutputFormat::kJson ||
      context_.output == OutputFormat::kCsv) {
    document_ = std::make_unique<RowsDocument>(
        context_.output, LabelsOf(SeriesOf(queries_.front()), context_.output,
                                  /*merged=*/!options_.run.show.merge.empty()));
  }
  TUTTI_ASSIGN_OR_RETURN(signals_, SignalPipe::Make());
  if (options_.every) return Repeat(std::move(run));
  absl::Status asked = AskAll(std::move(run));
  if (asked.ok()) return status_;
  if (!started_) return asked;
  return WithExitStatus(asked, ExitStatusOfBreak(asked));
}

std::vector<std::string> QuerySeries::JobNames() const {
  std::vector<std::string> names;
  names.reserve(queries_.size());
  for (const Query& query : queries_) names.push_back(query.planned.job_name);
  return names;
}

RunOptions QuerySeries::OptionsOf(const Query& query) const {
  RunOptions options = options_.run;
  options.name = query.planned.job_name;
  // What is said each time is noise.
  options.quiet = options.quiet || again_;
  return options;
}

RowsSeries QuerySeries::SeriesOf(Query& query) {
  RowsSeries series;
  series.query = query.planned.label;
  if (options_.every) series.asked_at = asked_at_;
  if (options_.changes) series.changes = &query.changes;
  for (const Query& other : queries_) {
    if (&other != &query) series.other_bytes += other.changes.bytes();
  }
  series.document = document_.get();
  return series;
}

absl::StatusOr<int> QuerySeries::ShowCards(const ResolvedRun& run) {
  for (const Query& query : queries_) {
    if (!query.planned.label.empty() && !IsJson(context_.output)) {
      Show(context_, fmt::format("=== {} ===\n", query.planned.label));
    }
    TUTTI_RETURN_IF_ERROR(
        ShowCard(OptionsOf(query), query.planned.plan, run, context_).status());
  }
  return kExitOk;
}

absl::Status QuerySeries::AskAll(ResolvedRun run) {
  asked_at_ = context_.clock.Now();
  // Nobody is meant now, which --if-empty allows.
  if (run.names.empty()) {
    if (!std::exchange(told_nobody_, true)) SayNobody(run, context_);
    status_ = kExitOk;
    complete_ = true;
    return absl::OkStatus();
  }
  told_nobody_ = false;
  absl::Status asked = AskEach(run);
  // What came is shown, whatever became of the rest.
  WriteDocument();
  if (!asked.ok() && started_ && !complete_) Count(ExitStatusOfBreak(asked));
  complete_ = started_;
  return asked;
}

absl::Status QuerySeries::AskEach(ResolvedRun& run) {
  for (size_t i = 0; i < queries_.size(); ++i) {
    if (TakeSignals()) {
      TellRest(i);
      return absl::OkStatus();
    }
    absl::Status asked = Ask(queries_[i], run);
    if (!asked.ok() || left_) {
      TellRest(i + 1);
      return asked;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> QuerySeries::Start(Query& query, ResolvedRun& run) {
  const RunOptions options = OptionsOf(query);
  const RunPlan& plan = query.planned.plan;
  const absl::Time now = context_.clock.Now();
  run.uuid = Uuid::Generate(now);
  TUTTI_ASSIGN_OR_RETURN(
      const v1::StartJobRequest start,
      MakeStartRequest(options, plan, run, connection_->signer(), now));
  SayCardLine(options, plan, run, context_);
  query.kept.Add(run.uuid);
  auto number = StartJob(*connection_, start, run.uuid, *signals_);
  // Where nobody knows whether it is there, it may be.
  if (!number.ok() && ExitStatusOf(number.status()) != kExitGoesOn) {
    return number;
  }
  started_ = true;
  if (std::exchange(complete_, false)) status_ = kExitOk;
  if (const auto beside = std::exchange(beside_, std::nullopt);
      beside && number.ok()) {
    Warn(context_, fmt::format("job {} runs beside job {}, which goes on where "
                               "the link is lost",
                               *number, *beside));
  }
  return number;
}

absl::Status QuerySeries::Ask(Query& query, ResolvedRun& run) {
  TUTTI_ASSIGN_OR_RETURN(const uint64_t number, Start(query, run));
  const RunOptions options = OptionsOf(query);
  if (options.detach) {
    Show(context_, fmt::format("{}\n", number));
    return absl::OkStatus();
  }
  FollowRequest request = MakeFollowRequest(options, query.planned.plan, number,
                                            /*existed=*/false);
  // The newest job is another one by the time that somebody reads it.
  request.job_name.clear();
  const RowsSeries series = SeriesOf(query);
  request.show.series = &series;
  TUTTI_ASSIGN_OR_RETURN(
      const FollowEnd end,
      FollowJob(context_, *connection_, *signals_, std::move(request)));
  return TakeEnd(end, number);
}

absl::Status QuerySeries::TakeEnd(const FollowEnd& end, uint64_t number) {
  status_ = WorseStatus(status_, end.exit_status);
  left_ = EndsSeries(end.reason);
  // One that came too late for this job is for those behind it.
  if (!left_ && end.signal) LeaveBy(*end.signal);
  if (end.reason == LeaveReason::kTargetsLost ||
      end.reason == LeaveReason::kControllerLost) {
    beside_ = number;
  }
  if (end.reason == LeaveReason::kControllerLost && !left_) {
    return WithExitStatus(
        Unavailable("the controller is lost, job {} may go on", number),
        kExitGoesOn);
  }
  return absl::OkStatus();
}

void QuerySeries::WriteDocument() {
  if (document_ == nullptr || options_.run.detach) return;
  const std::string text = document_->Format(/*color=*/false, /*width=*/0);
  document_->Clear();
  std::string_view rest = text;
  if (context_.output == OutputFormat::kCsv) {
    const std::string header = document_->Header();
    // Once, unless columns were added.
    if (header == header_) rest.remove_prefix(header.size());
    header_ = header;
  }
  StandardStreams streams(context_.terminal.output_descriptor(),
                          context_.terminal.error_descriptor());
  streams.output().buffer() = rest;
  for (const int signal : Drain(streams, *signals_)) LeaveBy(signal);
  if (streams.output().closed()) {
    const int error = streams.output().error();
    Warn(context_, error == EPIPE
                       ? "the output was closed"
                       : TextOf(SystemError(error, "write the output")));
    Leave(kExitGoesOn);
  } else if (streams.output().pending() > 0) {
    Warn(context_, "the rest of the rows was not written");
  }
}

void QuerySeries::TellRest(size_t first) {
  if (first >= queries_.size()) return;
  std::vector<std::string_view> names;
  for (size_t i = first; i < queries_.size(); ++i) {
    names.push_back(queries_[i].planned.label);
  }
  if (names.size() == 1 && names[0].empty()) return;
  Warn(context_, fmt::format("not asked: {}", fmt::join(names, ", ")));
}

absl::StatusOr<int> QuerySeries::Repeat(ResolvedRun run) {
  Rhythm rhythm(steady_.Now(), *options_.every);
  const WantedTargets wanted = run.wanted;
  absl::Status asked = AskAll(std::move(run));
  while (true) {
    if (!asked.ok()) {
      // What can not be done at all is said at once.
      if (!started_ && (!again_ || !IsPassingError(asked))) return asked;
      Warn(context_, left_ ? TextOf(asked)
                           : fmt::format("{}; it is asked again in its turn",
                                         TextOf(asked)));
      if (IsPassingError(asked)) connection_->Disconnect();
    }
    if (!left_) ForgetOldJobs();
    if (left_ || !WaitForTurn(rhythm)) return status_;
    again_ = true;
    asked = AskAgain(wanted);
  }
}

absl::Status QuerySeries::AskAgain(const WantedTargets& wanted) {
  TUTTI_ASSIGN_OR_RETURN(
      ResolvedRun run,
      ResolveRun(options_.run, first_plan(), wanted, *connection_, context_));
  return AskAll(std::move(run));
}

bool QuerySeries::WaitForTurn(Rhythm& rhythm) {
  const Rhythm::Beat beat = rhythm.Next(steady_.Now());
  if (beat.left_out > 0) {
    Warn(context_,
         fmt::format("left out, because the one before took longer than {}: "
                     "{}",
                     tutti::FormatDuration(*options_.every),
                     Counted(static_cast<uint64_t>(beat.left_out), "run")));
  }
  return WaitFor(beat.at);
}

bool QuerySeries::WaitFor(absl::Time time) {
  while (true) {
    if (TakeSignals()) return false;
    const absl::Duration left = time - steady_.Now();
    if (left <= absl::ZeroDuration()) return true;
    // Standard output has something to say only when its reader has gone.
    pollfd waits[] = {{signals_->descriptor(), POLLIN, 0},
                      {context_.terminal.output_descriptor(), 0, 0}};
    const timespec timeout = absl::ToTimespec(left);
    if (ppoll(waits, std::size(waits), &timeout, nullptr) > 0 &&
        waits[1].revents != 0) {
      Warn(context_, "the output was closed");
      Leave(kExitGoesOn);
      return false;
    }
  }
}

bool QuerySeries::TakeSignals() {
  const std::vector<int> signals = signals_->TakeAll();
  for (const int signal : signals) LeaveBy(signal);
  return !signals.empty();
}

void QuerySeries::LeaveBy(int signal) {
  left_ = true;
  // Between two times nothing is stopped but the waiting.
  if (complete_ && signal != SIGINT) return;
  Leave(ExitStatusOfSignal(signal));
}

void QuerySeries::Count(int status) {
  status_ = WorseStatus(status_,
                        WithLargestStatus(status, options_.run.largest_status));
}

void QuerySeries::Leave(int status) {
  Count(status);
  left_ = true;
}

void QuerySeries::ForgetOldJobs() {
  for (Query& query : queries_) {
    const absl::Status forgotten =
        query.kept.ForgetOld(*connection_, [&] { return TakeSignals(); });
    // The next time comes to it.
    if (left_ || IsPassingError(forgotten)) return;
    if (!forgotten.ok()) Warn(context_, TextOf(forgotten));
  }
}

}  // namespace

absl::StatusOr<int> AskQueries(const QueryOptions& options,
                               std::vector<PlannedQuery> queries,
                               Context& context) {
  return QuerySeries(options, std::move(queries), context).Run();
}

}  // namespace tutti::cli
