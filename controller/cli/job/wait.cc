#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <thread>

#include "common/base/errors.h"
#include "common/targets/node_set.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/follow/outcome.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/job/description.h"
#include "controller/cli/job/job.h"
#include "controller/cli/job_selector.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

// How long a controller may be away before we give up.
constexpr absl::Duration kComeBack = absl::Seconds(60);
constexpr absl::Duration kRetryPause = absl::Milliseconds(250);

struct WaitOptions {
  std::string job;
  std::optional<absl::Duration> timeout;
};

// What is known about a job, from any number of WatchJob streams.
class Watched {
 public:
  void Apply(const v1::WatchJobResponse& response) {
    ++messages_;
    if (response.has_job()) {
      job_ = response.job();
      tasks_.resize(job_.target_count());
    }
    for (const v1::TaskUpdate& update : response.tasks()) {
      if (update.has_status() && update.task() < tasks_.size()) {
        tasks_[update.task()] = update.status();
      }
    }
  }

  bool known() const { return job_.number() != 0; }
  // How many there were: a link that brings some is alive.
  uint64_t messages() const { return messages_; }
  const v1::Job& job() const { return job_; }
  const std::vector<v1::TaskStatus>& tasks() const { return tasks_; }
  bool final() const {
    return known() && std::all_of(tasks_.begin(), tasks_.end(), IsDone);
  }
  // Nothing is left but targets that are lost.
  bool only_lost() const {
    return known() && std::all_of(tasks_.begin(), tasks_.end(),
                                  [](const v1::TaskStatus& task) {
                                    return IsDone(task) || task.lost();
                                  });
  }

 private:
  static bool IsDone(const v1::TaskStatus& task) {
    return IsFinal(task.attempt().state());
  }

  v1::Job job_;
  std::vector<v1::TaskStatus> tasks_;
  uint64_t messages_ = 0;
};

// One line on a terminal that is written over as things change.
class Progress {
 public:
  explicit Progress(const Terminal& terminal)
      : terminal_(terminal), enabled_(terminal.ErrorIsTerminal()) {}
  ~Progress() { Clear(); }

  void Show(const Watched& watched) {
    if (!enabled_ || !watched.known()) return;
    const std::string text =
        fmt::format("waiting for job {}: {}", watched.job().number(),
                    CountsText(watched.job().counts()));
    terminal_.WriteError("\r" + Shorten(text, terminal_.Width() - 1) +
                         "\x1b[K");
    shown_ = true;
  }
  void Clear() {
    if (shown_) terminal_.WriteError("\r\x1b[K");
    shown_ = false;
  }

 private:
  const Terminal& terminal_;
  const bool enabled_;
  bool shown_ = false;
};

// Reads one stream to its end, or until there is nothing more to wait for.
grpc::Status ReadStream(Connection& connection,
                        const v1::WatchJobRequest& request, absl::Time deadline,
                        Watched& watched, Progress& progress) {
  const auto stub = v1::JobService::NewStub(connection.channel());
  grpc::ClientContext call;
  if (deadline != absl::InfiniteFuture()) {
    call.set_deadline(absl::ToChronoTime(deadline));
  }
  const auto reader = stub->WatchJob(&call, request);
  v1::WatchJobResponse response;
  while (reader->Read(&response)) {
    watched.Apply(response);
    progress.Show(watched);
    if (watched.only_lost()) {
      call.TryCancel();
      return grpc::Status::OK;
    }
  }
  return reader->Finish();
}

enum class End { kFinal, kLost, kTimedOut, kControllerLost };

// Follows the job over breaks of the link.
absl::StatusOr<End> Follow(Connection& connection, v1::WatchJobRequest request,
                           absl::Time deadline, Watched& watched,
                           Progress& progress) {
  absl::Time give_up = absl::InfiniteFuture();
  while (true) {
    const absl::Status connected =
        connection.Connect(std::min(kConnectTimeout, deadline - absl::Now()));
    if (!connected.ok() && !watched.known()) return connected;
    if (connected.ok()) {
      const uint64_t before = watched.messages();
      const grpc::Status ended =
          ReadStream(connection, request, deadline, watched, progress);
      if (ended.ok()) return watched.final() ? End::kFinal : End::kLost;
      if (ended.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
        return End::kTimedOut;
      }
      if (ended.error_code() != grpc::StatusCode::UNAVAILABLE ||
          !watched.known()) {
        return connection.Explain(ended);
      }
      // It is this job that is waited for, whatever `last` means by now.
      request.mutable_job()->set_number(watched.job().number());
      if (watched.messages() > before) give_up = absl::InfiniteFuture();
    }
    const absl::Time now = absl::Now();
    give_up = std::min(give_up, now + kComeBack);
    if (now >= deadline) return End::kTimedOut;
    if (now >= give_up) return End::kControllerLost;
    connection.Disconnect();
    std::this_thread::sleep_for(absl::ToChronoNanoseconds(kRetryPause));
  }
}

std::string ResultText(const Watched& watched, End end, absl::Time now) {
  const v1::Job& job = watched.job();
  std::string text =
      fmt::format("job {} {}: {}", job.number(), StateName(job.state()),
                  CountsText(job.counts()));
  switch (end) {
    case End::kFinal:
      break;
    case End::kLost:
      text += "; the link to the rest is lost, the job goes on without us";
      break;
    case End::kTimedOut:
      text += fmt::format(
          "; the time is over, the job goes on: tutti job wait "
          "{}",
          job.number());
      break;
    case End::kControllerLost:
      text += fmt::format(
          "; the controller is gone, the job goes on: tutti "
          "job wait {}",
          job.number());
      break;
  }
  text += "\n";
  const auto targets = ExpandNames(job.targets());
  if (!targets.ok()) return text;
  for (const TaskGroup& group : GroupTasks(*targets, watched.tasks(), now)) {
    if (group.state == v1::TASK_STATE_COMPLETED ||
        group.state == v1::TASK_STATE_UNSPECIFIED) {
      continue;
    }
    text += fmt::format("  {} {}: {}{}\n", group.targets.size(),
                        StateWords(group.state), FoldNames(group.targets),
                        group.reason.empty() ? "" : " (" + group.reason + ")");
  }
  return text;
}

absl::StatusOr<int> WaitForJob(const WaitOptions& options, Context& context) {
  v1::WatchJobRequest request;
  TUTTI_ASSIGN_OR_RETURN(*request.mutable_job(), ParseJobSelector(options.job));
  // A poll is a stream that ends by itself.
  const bool poll = options.timeout == absl::ZeroDuration();
  request.set_follow(!poll);
  const absl::Time deadline = options.timeout && !poll
                                  ? absl::Now() + *options.timeout
                                  : absl::InfiniteFuture();
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  Watched watched;
  Progress progress(context.terminal);
  TUTTI_ASSIGN_OR_RETURN(
      End end, Follow(*connection, request, deadline, watched, progress));
  progress.Clear();
  if (!watched.known()) {
    return WithExitStatus(
        Unavailable("nothing was heard of {} within the timeout; give "
                    "--timeout more time",
                    Describe(request.job())),
        kExitGoesOn);
  }
  if (poll && end == End::kLost && !watched.only_lost()) end = End::kTimedOut;
  Show(context, Sanitize(ResultText(watched, end, context.clock.Now())));
  OutcomeOptions outcome;
  outcome.left = end != End::kFinal;
  return JobExitStatus(watched.tasks(), outcome);
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
