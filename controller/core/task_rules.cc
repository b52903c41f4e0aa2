#include "controller/core/task_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "common/jobs/states.h"
#include "common/records/record_log.h"

namespace tutti::controller {
namespace {

// Whether a target may say so; the other states are the controller's to give.
bool IsReportable(const v1::AttemptStatus& status, const Job& job) {
  switch (status.state()) {
    case v1::TASK_STATE_ASSIGNED:
    case v1::TASK_STATE_RUNNING:
    case v1::TASK_STATE_SUSPENDED:
    case v1::TASK_STATE_BLOCKED:
    case v1::TASK_STATE_COMPLETED:
    case v1::TASK_STATE_FAILED:
    case v1::TASK_STATE_TIMED_OUT:
    case v1::TASK_STATE_STOPPED:
    case v1::TASK_STATE_REFUSED:
    case v1::TASK_STATE_NOT_STARTED:
    case v1::TASK_STATE_UNKNOWN:
      return true;
    case v1::TASK_STATE_SKIPPED:
      return status.outcome().unmatched() && job.description().has_condition;
    default:
      return false;
  }
}

}  // namespace

void TaskRules::Change(Job& job, uint32_t index, v1::TaskState state) {
  if (job.task(index).state == state) return;
  job.SetState(index, state);
  OnChanged(job, index);
}

void TaskRules::OnChanged(const Job& job, uint32_t index) {
  watches_.TaskChanged(job, index);
  if (job.description().takes_input) {
    state_.input_due.push_back({job.number(), index});
  }
  if (!job.description().content_digest.empty()) {
    state_.feeds_due.push_back({job.number(), index});
  }
}

void TaskRules::Finish(Job& job, uint32_t index, v1::TaskState state,
                       std::string_view reason) {
  Task& task = job.task(index);
  if (task.state == v1::TASK_STATE_PENDING) {
    AgentLink& link = state_.links.Get(job.target(index));
    EraseUnordered(link.pending, {job.number(), index});
    state_.links.DropIfIdle(link.name);
  }
  task.record.End(reason, state_.clock.Now());
  End(job, index, state);
}

void TaskRules::End(Job& job, uint32_t index, v1::TaskState state) {
  Task& task = job.task(index);
  job.SetState(index, state);
  JobAttempt& attempt = job.AttemptOf(index);
  const std::string_view reason = attempt.StopReasonOf(index);
  if (state == v1::TASK_STATE_STOPPED && task.record.reason().empty() &&
      !reason.empty()) {
    task.record.SetReason(reason);
  }
  attempt.rollout.Finish(index, state);
  if (attempt.unfinished == 0) attempt.ReleaseTree();
  state_.results.Finish(task.output);
  ++task.journaling;
  journal_.AddOutcome({job.number(), index});
  OnChanged(job, index);
  state_.DispatchLater(job);
  EndIfFinal(job);
}

void TaskRules::EndIfFinal(Job& job) {
  if (!job.final() || job.ended_at() != absl::InfinitePast()) return;
  absl::Time ended_at = state_.clock.Now();
  if (!job.committed) {
    // Out of the journal: it ended when its last task did.
    absl::Time last = job.newest_attempt().request().started_at;
    for (uint32_t index = 0; index < job.size(); ++index) {
      last = std::max(last, job.task(index).record.ended_at());
    }
    ended_at = std::min(ended_at, last);
  }
  job.set_ended_at(ended_at);
  state_.jobs.NoteFinal(job);
  watches_.JobChanged(job);
  if (job.remove_when_final) state_.to_remove.push_back(job.number());
}

void TaskRules::OnStatus(Job& job, uint32_t index,
                         const v1::AttemptStatus& status,
                         uint64_t end_position) {
  Task& task = job.task(index);
  const bool correctable = task.state == v1::TASK_STATE_UNKNOWN;
  if (!IsReportable(status, job) || task.state == v1::TASK_STATE_PENDING ||
      (IsFinal(task.state) && !correctable)) {
    return;
  }
  if (IsFinal(status.state()) && !HasAllOutput(task, end_position)) {
    awaited_ends_[{job.number(), index}] = {status, end_position};
    task.late = correctable;
    if (!correctable) Change(job, index, v1::TASK_STATE_RUNNING);
  } else if (correctable) {
    OnLateStatus(job, index, status);
  } else if (IsFinal(status.state())) {
    task.record.Update(status);
    End(job, index, status.state());
  } else {
    task.record.Update(status);
    Change(job, index, status.state());
  }
}

void TaskRules::OnLateStatus(Job& job, uint32_t index,
                             const v1::AttemptStatus& status) {
  Task& task = job.task(index);
  if (!IsFinal(status.state())) {
    task.late = true;
    return;
  }
  task.late = false;
  if (status.state() == v1::TASK_STATE_UNKNOWN) return;
  const std::string before(task.record.reason());
  task.record.Update(status);
  task.record.SetReason(
      fmt::format("reported late, after it had counted as UNKNOWN ({}){}{}",
                  before, status.outcome().reason().empty() ? "" : ": ",
                  status.outcome().reason()));
  End(job, index, status.state());
}

void TaskRules::OnOutput(Job& job, uint32_t index) {
  watches_.OutputArrived(job, index);
  const auto awaited = awaited_ends_.find({job.number(), index});
  if (awaited == awaited_ends_.end() ||
      !HasAllOutput(job.task(index), awaited->second.end_position)) {
    return;
  }
  const AwaitedEnd end = std::move(awaited->second);
  awaited_ends_.erase(awaited);
  OnStatus(job, index, end.status, end.end_position);
}

bool TaskRules::HasAllOutput(Task& task, uint64_t end_position) {
  if (end_position <= kLogHeaderBytes) return true;
  // The target lost it before it could be sent.
  if (task.start_position > task.output.next_position()) {
    state_.results.NoteLost(task.output,
                            std::min(task.start_position, end_position));
  }
  return task.output.next_position() >= end_position;
}

void TaskRules::Disconnect(Job& job, uint32_t index) {
  Task& task = job.task(index);
  task.link_lost_at = CompactTime(state_.clock.Now());
  Change(job, index, v1::TASK_STATE_DISCONNECTED);
  awaited_ends_.erase({job.number(), index});
  WatchLink(job, index);
}

void TaskRules::SetOffline(Job& job, uint32_t index, bool offline) {
  Task& task = job.task(index);
  if (task.offline == offline) return;
  task.offline = offline;
  watches_.TaskChanged(job, index);
}

void TaskRules::WatchLink(Job& job, uint32_t index) {
  Task& task = job.task(index);
  absl::Duration allowed = state_.settings.lost_final;
  if (!task.lost) {
    allowed = std::min(allowed, job.AttemptOf(index).settings().lost_after);
  }
  state_.timers.Set(task.link_lost_at.time() + allowed, {job.number(), index},
                    task.timer_at);
}

void TaskRules::OnTimer(Job& job, uint32_t index) {
  Task& task = job.task(index);
  if (task.state != v1::TASK_STATE_DISCONNECTED) return;
  const absl::Duration lost_for = state_.clock.Now() - task.link_lost_at.time();
  if (lost_for >= state_.settings.lost_final) {
    Finish(job, index, v1::TASK_STATE_UNKNOWN,
           fmt::format("nothing was heard of it for {}; whether it ran is "
                       "known on the target only",
                       tutti::FormatDuration(state_.settings.lost_final)));
    return;
  }
  if (lost_for >= job.AttemptOf(index).settings().lost_after && !task.lost) {
    job.SetLost(index, true);
    job.AttemptOf(index).rollout.Lose(index);
    state_.DispatchLater(job);
    watches_.TaskChanged(job, index);
  }
  WatchLink(job, index);
}

}  // namespace tutti::controller
