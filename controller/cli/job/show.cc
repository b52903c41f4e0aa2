#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/duration.h"
#include "common/jobs/states.h"
#include "common/targets/node_set.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/follow/task_groups.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/job/description.h"
#include "controller/cli/job/job.h"
#include "controller/cli/job_selector.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

using Shown = Column::Shown;

std::string JobCard(const v1::Job& job, absl::Time now, bool color) {
  const absl::Time started = ToTime(job.started_at());
  const absl::Time ended = ToTime(job.ended_at());
  Card card(color);
  card.Add("Job", job.name().empty()
                      ? fmt::format("{}", job.number())
                      : fmt::format("{}  {}", job.number(), job.name()));
  card.Add("State", StateText(job), StyleOf(job.state()));
  card.Add("Tasks", CountsText(job.counts()));
  if (job.lost_count() > 0) {
    card.Add("Lost", Counted(job.lost_count(), "target") +
                         " whose link did not come back in time");
  }
  card.Add("Targets",
           fmt::format("{} ({})", job.targets(), job.target_count()));
  if (job.target_expression() != job.targets()) {
    card.Add("Asked for", job.target_expression());
  }
  card.Add("Command", job.summary());
  card.Add("User", job.user());
  card.Add("Started",
           fmt::format("{} by {}", AgoText(started, now), job.operator_()));
  card.Add(ended == absl::InfinitePast() ? "Running for" : "Took",
           TookText(started, ended, now));
  card.Add("UUID", UuidText(job));
  return card.Format();
}

// One line for all targets of the same state and reason.
Listing FoldedTasks(const std::vector<std::string>& targets,
                    const std::vector<v1::TaskStatus>& tasks, absl::Time now) {
  Listing listing("tasks", "targets",
                  {
                      {"STATE", "state"},
                      {"COUNT", "count", Shown::kAlways, /*right=*/true},
                      {"TARGETS", "targets"},
                      {"REASON", "reason"},
                  });
  std::vector<NamedTask> named;
  for (size_t i = 0; i < tasks.size() && i < targets.size(); ++i) {
    named.push_back({&targets[i], &tasks[i]});
  }
  for (const TaskGroup& group : GroupTasks(named, now)) {
    listing.Add({
        Cell::Text(StateName(group.state), StyleOf(group.state)),
        Cell::Number(group.targets.size()),
        Cell::Text(FoldNames(group.targets)),
        Cell::Text(group.reason),
    });
  }
  return listing;
}

std::string EndText(const v1::Outcome& outcome) {
  switch (outcome.end_case()) {
    case v1::Outcome::kExitStatus:
      return fmt::format("{}", outcome.exit_status());
    case v1::Outcome::kSignal:
      return fmt::format("signal {}", outcome.signal());
    default:
      return "";
  }
}

// Of a processor.
std::string TimeText(const google::protobuf::Duration& time) {
  return fmt::format("{:.2f} s", absl::ToDoubleSeconds(ToDuration(time)));
}

// One line a target.
Listing EveryTask(const std::vector<std::string>& targets,
                  const std::vector<v1::TaskStatus>& tasks, absl::Time now) {
  Listing listing("tasks", "target",
                  {
                      {"TARGET", "target"},
                      {"STATE", "state"},
                      {"EXIT", "exit_status", Shown::kAlways, /*right=*/true},
                      {"SIGNAL", "signal", Shown::kData},
                      {"ERRNO", "errno", Shown::kData},
                      {"STARTED", "started_at"},
                      {"ENDED", "ended_at", Shown::kData},
                      {"TOOK", "took", Shown::kAlways, true},
                      {"USER", "user_seconds", Shown::kAlways, true},
                      {"SYSTEM", "system_seconds", Shown::kAlways, true},
                      {"PEAK", "peak_resident_bytes", Shown::kAlways, true},
                      {"STDOUT", "stdout_bytes", Shown::kAlways, true},
                      {"STDERR", "stderr_bytes", Shown::kAlways, true},
                      {"REASON", "reason"},
                  });
  for (size_t i = 0; i < tasks.size() && i < targets.size(); ++i) {
    const v1::AttemptStatus& attempt = tasks[i].attempt();
    const Json data = TaskToJson(targets[i], tasks[i]);
    const absl::Time started = ToTime(attempt.started_at());
    const absl::Time ended = ToTime(attempt.ended_at());
    const bool used = attempt.outcome().has_usage();
    const v1::ResourceUsage& usage = attempt.outcome().usage();
    listing.Add({
        Cell::Text(targets[i]),
        Cell::Text(StateName(attempt.state()), StyleOf(attempt.state())),
        {EndText(attempt.outcome()), data.value("exit_status", Json())},
        {"", data.value("signal", Json())},
        {"", data.value("errno", Json())},
        Cell::Time(started, now),
        Cell::Time(ended, now),
        {TookText(started, ended, now),
         ended == absl::InfinitePast()
             ? Json()
             : Json(absl::ToDoubleSeconds(ended - started))},
        {used ? TimeText(usage.user_time()) : "",
         data.value("user_seconds", Json())},
        {used ? TimeText(usage.system_time()) : "",
         data.value("system_seconds", Json())},
        {used ? FormatSize(usage.peak_resident_bytes()) : "",
         data.value("peak_resident_bytes", Json())},
        {FormatSize(tasks[i].stdout_bytes()), tasks[i].stdout_bytes()},
        {FormatSize(tasks[i].stderr_bytes()), tasks[i].stderr_bytes()},
        Cell::Text(ReasonNow(tasks[i], now)),
    });
  }
  return listing;
}

Json ToJson(const v1::Job& job, const std::vector<std::string>& targets,
            const std::vector<v1::TaskStatus>& tasks) {
  Json json = JobToJson(job);
  json["targets"] = job.targets();
  json["tasks"] = Json::array();
  for (size_t i = 0; i < tasks.size() && i < targets.size(); ++i) {
    json["tasks"].push_back(TaskToJson(targets[i], tasks[i]));
  }
  return json;
}

absl::StatusOr<int> ShowJob(const std::string& text, Context& context) {
  v1::GetJobRequest request;
  TUTTI_ASSIGN_OR_RETURN(*request.mutable_job(), ParseJobSelector(text));
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(
      const v1::GetJobResponse response,
      connection->Call(&v1::JobService::Stub::GetJob, request));
  const v1::Job& job = response.job();
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> targets,
                         ExpandNames(job.targets()));
  const std::vector<v1::TaskStatus> tasks(response.tasks().begin(),
                                          response.tasks().end());
  const absl::Time now = context.clock.Now();
  const OutputFormat format = context.output;
  if (IsJson(format)) {
    Show(context,
         FormatRecord({"job", "", ToJson(job, targets, tasks), ""}, format));
    return kExitOk;
  }
  const bool people =
      format == OutputFormat::kTable || format == OutputFormat::kWide;
  if (people) {
    Show(context, JobCard(job, now, context.terminal.OutputHasColor()) + "\n");
  }
  ShowListing(context, format == OutputFormat::kTable
                           ? FoldedTasks(targets, tasks, now)
                           : EveryTask(targets, tasks, now));
  return kExitOk;
}

}  // namespace

void AddJobShow(CLI::App& job, Context& context) {
  auto text = std::make_shared<std::string>();
  CLI::App& verb = AddVerb(
      job, "show", "Show a job and what became of its targets", context);
  verb.add_option("JOB", *text, kJobHelp)->required();
  AddOutputOption(verb, context);
  SetExamples(verb,
              {{"tutti job show last", "targets folded by state and reason"},
               {"tutti job show 17 -o wide", "a line for each target"}});
  SetAction(verb, context,
            [text](Context& context) { return ShowJob(*text, context); });
}

}  // namespace tutti::cli
