#include "controller/core/directives.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/jobs/states.h"

namespace tutti::controller {
namespace {

// Of a paced job, however many targets it has.
constexpr uint64_t kLeastCredit = 64 << 10;

}  // namespace

uint64_t Directives::CreditOf(const Job& job, const Task& task) const {
  const uint64_t next = task.output.next_position();
  if (!job.description().paced) return next + state_.settings.credit_bytes;
  // What nobody has read yet takes the place of what may come, so that a slow
  // reader holds the target up. All tasks together leave memory to others.
  const uint64_t share = state_.settings.total_output_budget / 4 / job.size();
  const uint64_t most = std::min(state_.settings.credit_bytes,
                                 state_.settings.task_output_budget / 2);
  const uint64_t window = std::min(most, std::max(share, kLeastCredit));
  return next + window - std::min(window, task.output.held_bytes());
}

v1::AttemptDirective Directives::DirectiveFor(const Job& job,
                                              uint32_t index) const {
  const Task& task = job.task(index);
  v1::AttemptDirective directive;
  *directive.mutable_key() = job.KeyOf(index);
  directive.set_acknowledged_position(task.output.next_position());
  directive.set_credit_position(CreditOf(job, task));
  // Also what had counted as UNKNOWN and is back.
  const bool unfinished = !IsFinal(task.state) || task.late;
  if (task.durable() && !task.late) {
    directive.set_desired(v1::DESIRED_STATE_FORGET);
  } else if (unfinished && job.AttemptOf(index).IsStopping(index)) {
    directive.set_desired(v1::DESIRED_STATE_STOP);
    *directive.mutable_stop() = job.AttemptOf(index).StopRuleOf(index);
  } else if (unfinished && task.suspend) {
    directive.set_desired(v1::DESIRED_STATE_SUSPEND);
  } else {
    directive.set_desired(v1::DESIRED_STATE_RUN);
  }
  return directive;
}

void Directives::Queue(AgentLink& link, Job& job, uint32_t index) {
  Task& task = job.task(index);
  if (!link.welcomed) return;
  if (!task.directive_due) {
    task.directive_due = true;
    link.directives.push_back({job.number(), index});
  }
  const absl::Time at =
      state_.steady.Now() + (task.bulk ? kBulkInterval : kInterval);
  if (at >= link.flush_at) return;
  link.flush_at = at;
  (task.bulk ? bulk_flushes_ : flushes_).emplace_back(at, link.session);
}

void Directives::Tell(AgentLink& link, Job& job, uint32_t index) {
  if (!link.welcomed) return;
  v1::AttemptDirective directive = DirectiveFor(job, index);
  job.task(index).acknowledged = directive.acknowledged_position();
  Send(link, std::move(directive));
}

void Directives::Flush(AgentLink& link) {
  v1::SessionResponse response;
  v1::SendOutputResponse bulk;
  for (const TaskReference& reference : link.directives) {
    Job* job = state_.jobs.Find(reference.job);
    if (job == nullptr) continue;
    Task& task = job->task(reference.task);
    task.directive_due = false;
    // Its end is on the way into the journal: forget comes right behind.
    if (IsFinal(task.state) && !task.durable() && !task.late) continue;
    v1::AttemptDirective directive = DirectiveFor(*job, reference.task);
    task.acknowledged = directive.acknowledged_position();
    if (task.bulk && directive.desired() == v1::DESIRED_STATE_RUN) {
      *bulk.add_attempts() = std::move(directive);
    } else {
      *response.mutable_directives()->add_attempts() = std::move(directive);
    }
  }
  link.directives.clear();
  link.flush_at = absl::InfiniteFuture();
  link.unacknowledged = 0;
  if (response.has_directives()) {
    state_.effects.Send(link.session, std::move(response));
  }
  if (bulk.attempts_size() > 0) {
    state_.effects.SendOutputCredit(link.session, std::move(bulk));
  }
}

void Directives::SendCredit(AgentLink& link, Job& job, uint32_t index) {
  v1::SendOutputResponse response;
  v1::AttemptDirective& directive = *response.add_attempts();
  directive = DirectiveFor(job, index);
  job.task(index).acknowledged = directive.acknowledged_position();
  state_.effects.SendOutputCredit(link.session, std::move(response));
}

void Directives::SendDueCredit() {
  for (const TaskReference& reference : std::exchange(state_.credit_due, {})) {
    Job* job = state_.jobs.Find(reference.job);
    if (job == nullptr) continue;
    const Task& task = job->task(reference.task);
    AgentLink* link = state_.links.Find(job->target(reference.task));
    // Over the session: an agent that may send no bulk closes that stream.
    if (task.bulk && !IsFinal(task.state) && link != nullptr) {
      Tell(*link, *job, reference.task);
    }
  }
}

void Directives::Send(AgentLink& link, v1::AttemptDirective directive) {
  v1::SessionResponse response;
  *response.mutable_directives()->add_attempts() = std::move(directive);
  state_.effects.Send(link.session, std::move(response));
}

void Directives::SendForget(AgentLink& link, const v1::AttemptKey& key) {
  v1::AttemptDirective directive;
  *directive.mutable_key() = key;
  directive.set_desired(v1::DESIRED_STATE_FORGET);
  Send(link, std::move(directive));
}

absl::Time Directives::NextDeadline() const {
  absl::Time next = absl::InfiniteFuture();
  for (const Flushes* flushes : {&flushes_, &bulk_flushes_}) {
    if (!flushes->empty()) next = std::min(next, flushes->front().first);
  }
  return state_.WallOf(next);
}

void Directives::OnTime() {
  FlushDue(bulk_flushes_);
  FlushDue(flushes_);
}

void Directives::FlushDue(Flushes& flushes) {
  const absl::Time now = state_.steady.Now();
  while (!flushes.empty() && flushes.front().first <= now) {
    AgentLink* link = state_.links.FindSession(flushes.front().second);
    flushes.pop_front();
    // It was flushed since, and what has come then has a time of its own.
    if (link == nullptr || link->flush_at > now) continue;
    Flush(*link);
  }
}

}  // namespace tutti::controller
