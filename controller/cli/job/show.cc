#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/base/uuid.h"
#include "common/jobs/states.h"
#include "common/targets/node_set.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/follow/task_groups.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/job/description.h"
#include "controller/cli/job/job.h"
#include "controller/cli/job/selection.h"
#include "controller/cli/job_selector.h"
#include "controller/cli/run/parameter_text.h"
#include "controller/cli/run/rollout.h"
#include "controller/cli/run/start.h"
#include "controller/cli/run/work_card.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

using Shown = Column::Shown;

// What was signed for the job; only to be looked at.
v1::JobSpec SpecOf(const v1::GetJobResponse& response) {
  v1::Envelope envelope;
  v1::JobSpec spec;
  if (envelope.ParseFromString(response.envelope())) {
    spec.ParseFromString(envelope.spec());
  }
  return spec;
}

// Of the one target that was chosen, or how many have some.
std::string ParametersLine(const v1::GetJobResponse& response) {
  if (response.parameters().empty()) return "";
  const auto own =
      ParseParameters(ParametersOf(response.parameters(), response.selected()));
  if (own.ok() && own->variables_size() > 0) return ParameterText(*own);
  return fmt::format("{}; -t TARGET shows one's",
                     Counted(response.parameters_size(), "target"));
}

// How what has not ended goes on, or went on last.
void AddRollout(const v1::Job& job, absl::Time now, Card& card) {
  const v1::JobAttempt* shown = nullptr;
  for (const v1::JobAttempt& attempt : job.attempts()) {
    if (shown == nullptr || attempt.unfinished_count() > 0 ||
        shown->unfinished_count() == 0) {
      shown = &attempt;
    }
  }
  if (shown == nullptr) return;
  std::vector<std::string> texts = RuleTexts(shown->rollout());
  if (shown->fanout() > 0) {
    texts.insert(texts.begin(), fmt::format("{} at once", shown->fanout()));
  }
  card.Add("Rollout", fmt::format("{}", fmt::join(texts, ", ")));
  if (shown->has_accepted_count()) {
    card.Add("Accepted", fmt::format("{} of {}", shown->accepted_count(),
                                     Counted(shown->target_count(), "target")));
  }
  if (shown->has_deadline_at() && shown->unfinished_count() > 0) {
    const absl::Duration left = ToTime(shown->deadline_at()) - now;
    card.Add("Deadline", "in " + tutti::FormatDuration(
                                     absl::Trunc(left, absl::Seconds(1))));
  }
}

// What it brought along, and what is kept of it.
void AddValues(const v1::GetJobResponse& response, Card& card) {
  const v1::JobSpec spec = SpecOf(response);
  card.Add("Only where", spec.condition().sql());
  card.Add("Secrets", fmt::format("{}", fmt::join(SecretNames(spec), ", ")));
  card.Add("Parameters", ParametersLine(response));
  if (spec.no_keep()) card.Add("Output", "not kept once it was shown");
}

// How many targets @job:JOB:rows or @job:JOB:changed stands for.
void AddYield(const v1::GetJobResponse& response, Card& card) {
  const v1::Job& job = response.job();
  const bool copied = job.kind() == "copy";
  if (job.kind() != "query" && !copied) return;
  const auto yielded =
      std::count_if(response.tasks().begin(), response.tasks().end(),
                    [](const v1::TaskStatus& task) {
                      return task.attempt().outcome().yielded();
                    });
  card.Add(copied ? "Changed" : "Rows",
           fmt::format("{}{} of {}", copied ? "" : "from ", yielded,
                       Counted(job.target_count(), "target")));
}

// "alice", or "alice, through job 17" where a delegation was used.
absl::StatusOr<std::string> StarterOf(const v1::Job& job,
                                      Connection& connection) {
  if (job.delegating_job().empty()) return job.operator_();
  TUTTI_ASSIGN_OR_RETURN(const Uuid uuid,
                         Uuid::FromBytes(job.delegating_job()));
  v1::GetJobRequest request;
  request.mutable_job()->set_uuid_prefix(HexDigits(uuid));
  const auto got = connection.Call(&v1::JobService::Stub::GetJob, request);
  // It may be forgotten by now.
  if (absl::IsNotFound(got.status())) {
    return fmt::format("{}, through job {}", job.operator_(), uuid.ToString());
  }
  TUTTI_RETURN_IF_ERROR(got.status());
  return fmt::format("{}, through job {}", job.operator_(),
                     got->job().number());
}

std::string JobCard(const v1::GetJobResponse& response,
                    const std::string& starter, absl::Time now, bool color) {
  const v1::Job& job = response.job();
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
  AddYield(response, card);
  card.Add("User", job.user());
  AddValues(response, card);
  card.Add("Started", fmt::format("{} by {}", AgoText(started, now), starter));
  card.Add(ended == absl::InfinitePast() ? "Running for" : "Took",
           TookText(started, ended, now));
  AddRollout(job, now, card);
  for (const v1::JobAttempt& attempt : job.attempts()) {
    if (attempt.number() == 1) continue;
    card.Add(fmt::format("Attempt {}", attempt.number()),
             fmt::format("{} by {}: {} ({})",
                         AgoText(ToTime(attempt.started_at()), now),
                         attempt.operator_(), attempt.targets(),
                         attempt.target_count()));
  }
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
                      {"ATTEMPT", "attempt", Shown::kAlways, /*right=*/true},
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
        Cell::Number(tasks[i].attempt_number()),
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

Listing Tasks(const std::vector<std::string>& targets,
              const std::vector<v1::TaskStatus>& tasks, absl::Time now,
              OutputFormat format) {
  return format == OutputFormat::kTable ? FoldedTasks(targets, tasks, now)
                                        : EveryTask(targets, tasks, now);
}

// What is shown of the targets: all, or the selected ones.
struct ShownTasks {
  std::vector<std::string> targets;
  std::vector<v1::TaskStatus> tasks;
  // Of those, what they were before they were tried again.
  std::vector<std::string> earlier_targets;
  std::vector<v1::TaskStatus> earlier;
};

absl::StatusOr<ShownTasks> TasksOf(const v1::GetJobResponse& response) {
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> all,
                         ExpandNames(response.job().targets()));
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> selected,
                         ExpandNames(response.selected()));
  ShownTasks shown;
  for (size_t i = 0;
       i < all.size() && i < static_cast<size_t>(response.tasks_size()); ++i) {
    if (!std::binary_search(selected.begin(), selected.end(), all[i])) continue;
    shown.targets.push_back(all[i]);
    shown.tasks.push_back(response.tasks(static_cast<int>(i)));
  }
  for (const v1::EarlierAttempt& earlier : response.earlier()) {
    if (earlier.task() >= all.size()) continue;
    shown.earlier_targets.push_back(all[earlier.task()]);
    shown.earlier.push_back(earlier.status());
  }
  return shown;
}

Json ToJson(const v1::GetJobResponse& response, const ShownTasks& shown) {
  const v1::Job& job = response.job();
  const v1::JobSpec spec = SpecOf(response);
  Json json = JobToJson(job);
  json["secrets"] = SecretNames(spec);
  json["parameters"] = ParametersToJson(response.parameters());
  json["where"] =
      spec.has_condition() ? Json(spec.condition().sql()) : Json(nullptr);
  json["no_keep"] = spec.no_keep();
  json["targets"] = job.targets();
  json["attempts"] = Json::array();
  for (const v1::JobAttempt& attempt : job.attempts()) {
    json["attempts"].push_back(AttemptToJson(attempt));
  }
  json["tasks"] = Json::array();
  for (size_t i = 0; i < shown.tasks.size(); ++i) {
    json["tasks"].push_back(TaskToJson(shown.targets[i], shown.tasks[i]));
  }
  json["earlier"] = Json::array();
  for (size_t i = 0; i < shown.earlier.size(); ++i) {
    json["earlier"].push_back(
        TaskToJson(shown.earlier_targets[i], shown.earlier[i]));
  }
  return json;
}

absl::StatusOr<int> ShowJob(const JobSelection& selection, Context& context) {
  v1::GetJobRequest request;
  TUTTI_ASSIGN_OR_RETURN(*request.mutable_job(),
                         ParseJobSelector(selection.job));
  request.set_earlier(true);
  request.set_envelope(true);
  for (const std::string& expression : selection.targets) {
    request.add_targets(expression);
  }
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(
      const v1::GetJobResponse response,
      connection->Call(&v1::JobService::Stub::GetJob, request));
  TUTTI_ASSIGN_OR_RETURN(const ShownTasks shown, TasksOf(response));
  const absl::Time now = context.clock.Now();
  const OutputFormat format = context.output;
  if (IsJson(format)) {
    Show(context,
         FormatRecord({"job", "", ToJson(response, shown), ""}, format));
    return kExitOk;
  }
  const bool people =
      format == OutputFormat::kTable || format == OutputFormat::kWide;
  if (people) {
    TUTTI_ASSIGN_OR_RETURN(const std::string starter,
                           StarterOf(response.job(), *connection));
    Show(context,
         JobCard(response, starter, now, context.terminal.OutputHasColor()) +
             "\n");
  }
  ShowListing(context, Tasks(shown.targets, shown.tasks, now, format));
  if (people && !shown.earlier.empty()) {
    Show(context, "\nBefore they were tried again:\n");
    ShowListing(context,
                Tasks(shown.earlier_targets, shown.earlier, now, format));
  }
  return kExitOk;
}

}  // namespace

void AddJobShow(CLI::App& job, Context& context) {
  auto selection = std::make_shared<JobSelection>();
  CLI::App& verb = AddVerb(
      job, "show", "Show a job and what became of its targets", context);
  verb.add_option("JOB", selection->job, kJobHelp)->required();
  AddTaskSelection(verb, *selection);
  AddOutputOption(verb, context);
  SetExamples(verb,
              {{"tutti job show last", "targets folded by state and reason"},
               {"tutti job show 17 -o wide", "a line for each target"},
               {"tutti job show 17 -t web07", "with its earlier attempts"}});
  SetAction(verb, context, [selection](Context& context) {
    return ShowJob(*selection, context);
  });
}

}  // namespace tutti::cli
