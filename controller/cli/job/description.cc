#include "controller/cli/job/description.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "common/base/duration.h"
#include "common/base/uuid.h"
#include "common/jobs/states.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/run/rollout.h"

namespace tutti::cli {
namespace {

// In the order of the states' numbers.
std::map<v1::TaskState, uint64_t> Sorted(const v1::TaskCounts& counts) {
  std::map<v1::TaskState, uint64_t> sorted;
  for (const auto& entry : counts.entries()) {
    sorted[entry.state()] += entry.count();
  }
  return sorted;
}

Json OutcomeToJson(const v1::Outcome& outcome) {
  Json json = Json::object();
  switch (outcome.end_case()) {
    case v1::Outcome::kExitStatus:
      json["exit_status"] = outcome.exit_status();
      break;
    case v1::Outcome::kSignal:
      json["signal"] = outcome.signal();
      break;
    case v1::Outcome::kStartErrno:
      json["errno"] = outcome.start_errno();
      break;
    case v1::Outcome::END_NOT_SET:
      break;
  }
  if (!outcome.reason().empty()) json["reason"] = outcome.reason();
  if (outcome.yielded()) json["yielded"] = true;
  if (outcome.unmatched()) json["unmatched"] = true;
  if (outcome.killed_leftovers() > 0) {
    json["killed_leftovers"] = outcome.killed_leftovers();
  }
  if (outcome.has_usage()) {
    const v1::ResourceUsage& usage = outcome.usage();
    json["user_seconds"] = absl::ToDoubleSeconds(ToDuration(usage.user_time()));
    json["system_seconds"] =
        absl::ToDoubleSeconds(ToDuration(usage.system_time()));
    json["peak_resident_bytes"] = usage.peak_resident_bytes();
  }
  return json;
}

}  // namespace

std::string StateText(const v1::Job& job) {
  // When the job is over nothing is held back any more.
  const bool held = job.held() && !IsFinal(job.state());
  return StateName(job.state()) + (held ? " (held)" : "");
}

Style StyleOf(v1::JobState state) {
  switch (state) {
    case v1::JOB_STATE_COMPLETED:
      return Style::kGreen;
    case v1::JOB_STATE_FAILED:
      return Style::kRed;
    case v1::JOB_STATE_STOPPED:
    case v1::JOB_STATE_BLOCKED:
    case v1::JOB_STATE_SUSPENDED:
    case v1::JOB_STATE_DISCONNECTED:
      return Style::kYellow;
    case v1::JOB_STATE_RUNNING:
      return Style::kCyan;
    default:
      return Style::kNone;
  }
}

Style StyleOf(v1::TaskState state) {
  switch (state) {
    case v1::TASK_STATE_COMPLETED:
      return Style::kGreen;
    case v1::TASK_STATE_FAILED:
    case v1::TASK_STATE_TIMED_OUT:
    case v1::TASK_STATE_REFUSED:
    case v1::TASK_STATE_NOT_STARTED:
    case v1::TASK_STATE_UNKNOWN:
      return Style::kRed;
    case v1::TASK_STATE_RUNNING:
      return Style::kCyan;
    case v1::TASK_STATE_PENDING:
    case v1::TASK_STATE_ASSIGNED:
      return Style::kNone;
    default:
      return Style::kYellow;
  }
}

std::string CountsText(const v1::TaskCounts& counts) {
  return CountsText(Sorted(counts));
}

Json CountsToJson(const v1::TaskCounts& counts) {
  Json json = Json::object();
  for (const auto& [state, count] : Sorted(counts)) {
    json[StateName(state)] = count;
  }
  return json;
}

std::string TookText(absl::Time started, absl::Time ended, absl::Time now) {
  if (started == absl::InfinitePast()) return "";
  const absl::Time until = ended == absl::InfinitePast() ? now : ended;
  const absl::Duration took = std::max(until - started, absl::ZeroDuration());
  // Milliseconds matter to no one after a minute.
  return tutti::FormatDuration(absl::Trunc(took, took < absl::Minutes(1)
                                                     ? absl::Milliseconds(1)
                                                     : absl::Seconds(1)));
}

std::string UuidText(const v1::Job& job) {
  const auto uuid = Uuid::FromBytes(job.uuid());
  return uuid.ok() ? uuid->ToString() : "";
}

namespace {

// Null where no delegation was used.
Json DelegatingText(const v1::Job& job) {
  const auto uuid = Uuid::FromBytes(job.delegating_job());
  return uuid.ok() ? Json(uuid->ToString()) : Json(nullptr);
}

}  // namespace

Json JobToJson(const v1::Job& job) {
  return {
      {"number", job.number()},
      {"uuid", UuidText(job)},
      {"name", job.name().empty() ? Json(nullptr) : Json(job.name())},
      {"state", StateName(job.state())},
      {"counts", CountsToJson(job.counts())},
      {"operator", job.operator_()},
      {"delegating_job", DelegatingText(job)},
      {"kind", job.kind()},
      {"command", BytesToJson(job.summary())},
      {"user", job.user().empty() ? Json(nullptr) : Json(job.user())},
      {"target_expression", job.target_expression()},
      {"target_count", job.target_count()},
      {"started_at", TimeToJson(ToTime(job.started_at()))},
      {"ended_at", TimeToJson(ToTime(job.ended_at()))},
      {"held", job.held()},
      {"lost_count", job.lost_count()},
  };
}

Json AttemptToJson(const v1::JobAttempt& attempt) {
  Json json = {{"attempt", attempt.number()},
               {"operator", attempt.operator_()},
               {"started_at", TimeToJson(ToTime(attempt.started_at()))},
               {"target_count", attempt.target_count()}};
  if (!attempt.targets().empty()) json["targets"] = attempt.targets();
  json["fanout"] = attempt.fanout();
  json["rollout"] = RolloutToJson(attempt.rollout());
  json["lost_after_seconds"] =
      absl::ToDoubleSeconds(ToDuration(attempt.lost_after()));
  json["deadline_at"] = TimeToJson(ToTime(attempt.deadline_at()));
  if (attempt.has_accepted_count()) {
    json["accepted_count"] = attempt.accepted_count();
  }
  return json;
}

Json TaskToJson(const std::string& target, const v1::TaskStatus& task) {
  const v1::AttemptStatus& attempt = task.attempt();
  Json json = {
      {"target", target},
      {"attempt", task.attempt_number()},
      {"state", StateName(attempt.state())},
  };
  json.update(OutcomeToJson(attempt.outcome()));
  json["started_at"] = TimeToJson(ToTime(attempt.started_at()));
  json["ended_at"] = TimeToJson(ToTime(attempt.ended_at()));
  if (attempt.has_started_at() && attempt.has_ended_at()) {
    json["wall_seconds"] = absl::ToDoubleSeconds(ToTime(attempt.ended_at()) -
                                                 ToTime(attempt.started_at()));
  }
  json["stdout_bytes"] = task.stdout_bytes();
  json["stderr_bytes"] = task.stderr_bytes();
  json["evicted_bytes"] = task.evicted_bytes();
  if (task.has_link_lost_at()) {
    json["link_lost_at"] = TimeToJson(ToTime(task.link_lost_at()));
  }
  json["offline"] = task.offline();
  json["lost"] = task.lost();
  return json;
}

}  // namespace tutti::cli
