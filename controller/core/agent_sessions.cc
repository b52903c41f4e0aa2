#include "controller/core/agent_sessions.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/jobs/states.h"
#include "common/records/record_log.h"

namespace tutti::controller {
namespace {

// An agent has at most twice as much output of a task, and of all its tasks,
// unacknowledged on the session: it need not wait for the next flush.
constexpr uint64_t kHalfTaskWindow = 8 << 10;
constexpr uint64_t kHalfAgentWindow = 32 << 10;

// Whether output of a task in this state still counts.
bool TakesOutput(const Task& task) {
  if (task.state == v1::TASK_STATE_PENDING) return false;
  return !IsFinal(task.state) || task.state == v1::TASK_STATE_UNKNOWN;
}

}  // namespace

void AgentSessions::OnHello(SessionId session, const Core::AgentPeer& peer,
                            const v1::AgentHello& hello) {
  const absl::Status allowed =
      state_.registry.CheckKey(peer.name, peer.key_fingerprint);
  if (!allowed.ok()) return state_.effects.EndSession(session, allowed);
  AgentLink& link = state_.links.Get(peer.name);
  if (const SessionId older = link.session; older != 0) {
    Close(link);
    state_.effects.EndSession(
        older, MakeError(absl::StatusCode::kAborted,
                         "{} opened a newer session from {}", peer.name,
                         peer.address));
  }
  JournalBatch batch;
  state_.registry.Connect(peer.name, session, peer.address, hello,
                          state_.clock.Now(), batch, peer.key_fingerprint);
  journal_.AddAgents(std::move(batch));
  state_.links.Attach(link, session);
  for (v1::AttemptReport report : hello.attempts()) {
    const std::optional<Found> found = Find(link, report.key());
    if (found.has_value() && !TakeReport(link, *found, report)) return;
  }
  SendWelcome(link, hello);
  SendAgain(link, hello);
  SetOnline(link, true);
  watches_.AgentConnected(link);
}

std::optional<AgentSessions::Found> AgentSessions::FindTask(
    const AgentLink& link, const v1::AttemptKey& key) {
  const absl::StatusOr<Uuid> uuid = Uuid::FromBytes(key.job_uuid());
  if (!uuid.ok() || key.target() != link.name) return std::nullopt;
  Job* job = state_.jobs.Find(*uuid);
  if (job == nullptr) return std::nullopt;
  const std::optional<uint32_t> task = job->IndexOf(key.target());
  if (!task.has_value()) return std::nullopt;
  return Found{job, *task};
}

std::optional<AgentSessions::Found> AgentSessions::Find(
    const AgentLink& link, const v1::AttemptKey& key) {
  const std::optional<Found> found = FindTask(link, key);
  if (!found.has_value() ||
      found->job->task(found->task).attempt != key.attempt()) {
    return std::nullopt;
  }
  return found;
}

v1::AttemptDirective AgentSessions::AnswerStray(
    const AgentLink& link, const v1::AttemptReport& report) {
  v1::AttemptDirective directive;
  *directive.mutable_key() = report.key();
  directive.set_desired(v1::DESIRED_STATE_FORGET);
  const std::optional<Found> found = FindTask(link, report.key());
  if (!found.has_value()) return directive;
  EarlierAttempt* earlier =
      found->job->task(found->task).FindEarlier(report.key().attempt());
  if (earlier == nullptr) return directive;
  if (IsFinal(report.status().state())) {
    CorrectEarlier(*found, *earlier, report.status());
  } else {
    // It had counted as UNKNOWN, and runs beside the attempt that followed it.
    directive.set_desired(v1::DESIRED_STATE_STOP);
  }
  return directive;
}

void AgentSessions::CorrectEarlier(const Found& found, EarlierAttempt& earlier,
                                   const v1::AttemptStatus& status) {
  if (earlier.state != v1::TASK_STATE_UNKNOWN ||
      status.state() == v1::TASK_STATE_UNKNOWN) {
    return;
  }
  earlier.state = status.state();
  earlier.record.Update(status);
  JournalBatch batch;
  batch.outcomes.push_back({found.job->number(), found.task, earlier.attempt,
                            found.job->OutcomeOf(found.task, earlier.attempt)});
  state_.effects.Commit(std::move(batch), [](const absl::Status& written) {
    if (!written.ok()) log::Error("{}", TextOf(written));
  });
}

void AgentSessions::SendWelcome(AgentLink& link, const v1::AgentHello& hello) {
  v1::SessionResponse response;
  v1::ControllerWelcome& welcome = *response.mutable_welcome();
  *welcome.mutable_time() = tutti::ToProto(state_.clock.Now());
  for (const v1::AttemptReport& report : hello.attempts()) {
    v1::AttemptDirective& directive = *welcome.add_directives();
    const std::optional<Found> found = Find(link, report.key());
    if (found.has_value()) {
      directive = directives_.DirectiveFor(*found->job, found->task);
      found->job->task(found->task).acknowledged =
          directive.acknowledged_position();
    } else {
      directive = AnswerStray(link, report);
    }
  }
  state_.effects.Send(link.session, std::move(response));
  link.welcomed = true;
}

void AgentSessions::SendAgain(AgentLink& link, const v1::AgentHello& hello) {
  absl::flat_hash_map<TaskReference, bool> listed;
  for (const v1::AttemptReport& report : hello.attempts()) {
    const std::optional<Found> found = Find(link, report.key());
    if (found.has_value()) listed[{found->job->number(), found->task}] = true;
  }
  const std::vector<TaskReference> live = link.live;
  for (const TaskReference& reference : live) {
    Job* job = state_.jobs.Find(reference.job);
    if (job == nullptr) {
      EraseUnordered(link.live, reference);
      continue;
    }
    const Task& task = job->task(reference.task);
    if (listed.contains(reference) || IsFinal(task.state) || task.assigning) {
      continue;
    }
    const JobAttempt& attempt = job->AttemptOf(reference.task);
    if (attempt.IsStopping(reference.task)) {
      tasks_.Finish(*job, reference.task, v1::TASK_STATE_SKIPPED,
                    attempt.SkipReasonOf(reference.task) +
                        " before it came to the target");
    } else {
      dispatcher_.Send(*job, reference.task);
    }
  }
}

void AgentSessions::SetOnline(AgentLink& link, bool online) {
  for (const TaskReference& reference : link.pending) {
    Job& job = *state_.jobs.Find(reference.job);
    JobAttempt& attempt = job.AttemptOf(reference.task);
    if (online) {
      attempt.rollout.Connect(reference.task);
    } else {
      attempt.rollout.Disconnect(
          reference.task, state_.GiveUpAtFor(attempt.request(), link.name));
    }
    tasks_.SetOffline(job, reference.task, !online);
    state_.DispatchLater(job);
  }
}

void AgentSessions::OnReport(SessionId session, v1::AgentReport report) {
  AgentLink* link = state_.links.FindSession(session);
  if (link == nullptr) return;
  if (report.has_attributes()) {
    JournalBatch batch;
    state_.registry.SetAttributes(link->name, report.attributes(), batch);
    journal_.AddAgents(std::move(batch));
  }
  for (v1::AttemptReport& attempt : *report.mutable_attempts()) {
    const std::optional<Found> found = Find(*link, attempt.key());
    if (!found.has_value()) {
      directives_.Send(*link, AnswerStray(*link, attempt));
    } else if (!TakeReport(*link, *found, attempt)) {
      return;
    }
  }
  for (const v1::AttemptVerdict& verdict : report.verdicts()) {
    TakeVerdict(*link, verdict);
  }
  for (const v1::FetchFailure& failure : report.fetch_failures()) {
    watches_.OnFetchFailed(*link, failure);
  }
  if (link->unacknowledged >= kHalfAgentWindow) directives_.Flush(*link);
}

void AgentSessions::TakeVerdict(const AgentLink& link,
                                const v1::AttemptVerdict& verdict) {
  const std::optional<Found> found = Find(link, verdict.key());
  if (!found.has_value()) return;
  const auto& [job, task] = *found;
  Rollout& rollout = job->AttemptOf(task).rollout;
  // Otherwise its turn tells.
  if (!rollout.quorum().open() ||
      job->task(task).state != v1::TASK_STATE_PENDING) {
    return;
  }
  if (!verdict.refusal().empty()) {
    return tasks_.Finish(*job, task, v1::TASK_STATE_REFUSED, verdict.refusal());
  }
  rollout.Accept(task);
  state_.DispatchLater(*job);
}

bool AgentSessions::TakeReport(AgentLink& link, const Found& found,
                               v1::AttemptReport& report) {
  Task& task = found.job->task(found.task);
  task.start_position = std::max(task.start_position, report.start_position());
  const bool sent_output = report.output_size() > 0;
  if (sent_output) {
    const std::optional<size_t> bytes =
        TakeOutput(link, found, *report.mutable_output());
    if (!bytes.has_value()) return false;
    task.bulk = false;
    link.unacknowledged += *bytes;
  }
  tasks_.OnStatus(*found.job, found.task, report.status(),
                  report.end_position());
  inputs_.OnReport(*found.job, found.task, report);
  feeds_.OnReport(*found.job, found.task, report);
  // Once the end is in the journal the target hears that it may forget.
  if (IsFinal(task.state) && !task.late && !task.durable()) return true;
  if (!sent_output && !task.durable()) return true;
  directives_.Queue(link, *found.job, found.task);
  if (task.output.next_position() >= task.acknowledged + kHalfTaskWindow &&
      !IsFinal(task.state)) {
    directives_.Flush(link);
  }
  return true;
}

template <typename Chunks>
std::optional<size_t> AgentSessions::TakeOutput(AgentLink& link,
                                                const Found& found,
                                                Chunks& chunks) {
  Task& task = found.job->task(found.task);
  if (!TakesOutput(task)) return 0;
  size_t bytes = 0;
  for (v1::OutputChunk& chunk : chunks) {
    const size_t size = chunk.data().size();
    const uint64_t expected =
        std::max(task.output.next_position(), kLogHeaderBytes);
    switch (state_.results.Append(task.output, chunk, task.start_position)) {
      case ResultStore::Appended::kStored:
        bytes += size;
        if (chunk.position() > expected) feeds_.OnLost(*found.job, found.task);
        if (chunk.stream() == v1::OUTPUT_STREAM_REQUEST) {
          feeds_.OnRequests(*found.job, found.task, chunk.data());
        }
        break;
      case ResultStore::Appended::kDuplicate:
        break;
      case ResultStore::Appended::kMisplaced: {
        const SessionId session = link.session;
        const absl::Status why = FailedPrecondition(
            "output of job {} on {} came at position {} where {} was "
            "expected; connect again and go on from there",
            found.job->number(), link.name, chunk.position(),
            task.output.next_position());
        log::Warning(
            "{}", std::string_view(why.message().data(), why.message().size()));
        Close(link);
        state_.effects.EndSession(session, why);
        return std::nullopt;
      }
    }
  }
  if (bytes > 0) tasks_.OnOutput(*found.job, found.task);
  return bytes;
}

void AgentSessions::OnOutput(SessionId session, v1::SendOutputRequest request) {
  AgentLink* link = state_.links.FindSession(session);
  if (link == nullptr) return;
  if (request.fetch_id() != 0) {
    return watches_.OnFetched(*link, std::move(request));
  }
  const std::optional<Found> found = Find(*link, request.key());
  if (!found.has_value()) return directives_.SendForget(*link, request.key());
  Task& task = found->job->task(found->task);
  task.start_position = std::max(task.start_position, request.start_position());
  if (!TakeOutput(*link, *found, *request.mutable_output()).has_value()) {
    return;
  }
  task.bulk = true;
  if (task.output.next_position() - task.acknowledged >=
      state_.settings.credit_bytes / 2) {
    directives_.SendCredit(*link, *found->job, found->task);
  } else {
    directives_.Queue(*link, *found->job, found->task);
  }
}

void AgentSessions::OnClosed(SessionId session) {
  AgentLink* link = state_.links.FindSession(session);
  if (link == nullptr) return;
  Close(*link);
  state_.links.DropIfIdle(link->name);
}

void AgentSessions::Close(AgentLink& link) {
  JournalBatch batch;
  state_.registry.Disconnect(link.name, link.session, state_.clock.Now(),
                             batch);
  journal_.AddAgents(std::move(batch));
  for (const TaskReference& reference : link.directives) {
    if (Job* job = state_.jobs.Find(reference.job)) {
      job->task(reference.task).directive_due = false;
    }
  }
  state_.links.Detach(link);
  watches_.AgentDisconnected(link);
  for (const TaskReference& reference : link.live) {
    Job* job = state_.jobs.Find(reference.job);
    if (job == nullptr) continue;
    const Task& task = job->task(reference.task);
    if (!IsFinal(task.state) && !task.assigning) {
      tasks_.Disconnect(*job, reference.task);
    }
  }
  SetOnline(link, false);
}

void AgentSessions::OnDurable(const TaskReference& reference) {
  Job* job = state_.jobs.Find(reference.job);
  if (job == nullptr) return;
  Task& task = job->task(reference.task);
  if (task.journaling > 0) --task.journaling;
  if (!task.durable()) return;
  AgentLink* link = state_.links.Find(job->target(reference.task));
  if (link == nullptr) return;
  EraseUnordered(link->live, reference);
  if (task.sent) directives_.Queue(*link, *job, reference.task);
  state_.links.DropIfIdle(job->target(reference.task));
}

void AgentSessions::OnRemoved(std::string_view agent) {
  AgentLink* link = state_.links.Find(agent);
  if (link == nullptr) return;
  if (link->session != 0) {
    const SessionId session = link->session;
    Close(*link);
    state_.effects.EndSession(
        session, PermissionDenied("{} was removed from the fleet", agent));
  }
  const std::vector<TaskReference> pending = link->pending;
  const std::vector<TaskReference> live = link->live;
  for (const TaskReference& reference : pending) {
    if (Job* job = state_.jobs.Find(reference.job)) {
      tasks_.Finish(*job, reference.task, v1::TASK_STATE_EXPIRED,
                    "the agent was removed from the fleet");
    }
  }
  for (const TaskReference& reference : live) {
    Job* job = state_.jobs.Find(reference.job);
    if (job == nullptr || IsFinal(job->task(reference.task).state) ||
        job->task(reference.task).assigning) {
      continue;
    }
    tasks_.Finish(*job, reference.task, v1::TASK_STATE_UNKNOWN,
                  "the agent was removed from the fleet");
  }
}

}  // namespace tutti::controller
