#include "common/relay/core.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/log.h"
#include "common/jobs/attempt_key.h"
#include "common/jobs/states.h"

namespace tutti::relay {
namespace {

// The runner is told of acknowledged output in steps of so many bytes; less
// would cost it a message for every few lines.
constexpr uint64_t kTrimStep = 256 << 10;

// Stands for what the controller spoke of and nothing else is known of.
bool IsPlaceholder(const Attempt& attempt) {
  return attempt.assignment == nullptr &&
         attempt.status.state() == v1::TASK_STATE_UNSPECIFIED;
}

// Without a grace time it is the signed spec's, which is not known here; none
// leaves less than nothing.
bool MayLeaveLessTime(const v1::StopRule& rule, const v1::StopRule& than) {
  if (!than.has_grace()) return rule.has_grace();
  if (!rule.has_grace()) return ToDuration(than.grace()) > absl::ZeroDuration();
  return ToDuration(rule.grace()) < ToDuration(than.grace());
}

}  // namespace

Core::Core(const HostDescription& host, const Clock& clock,
           ControllerPort& controller, RunnerPort& runner, SpoolSource& spool)
    : host_(host),
      clock_(clock),
      controller_(controller),
      runner_port_(runner),
      spool_(spool),
      checks_(runner) {}

Attempt* Core::Find(const v1::AttemptKey& key) {
  const auto found = attempts_.find(KeyBytes(key));
  return found == attempts_.end() ? nullptr : &found->second;
}

Attempt& Core::FindOrAdd(const v1::AttemptKey& key) {
  const auto [found, added] = attempts_.try_emplace(KeyBytes(key));
  if (added) found->second.key = key;
  return found->second;
}

void Core::Erase(Attempt& attempt) {
  if (attempt.due) std::erase(due_, &attempt);
  if (attempt.waiting) std::erase(waiting_, &attempt);
  if (attempt.in_bulk) std::erase(bulk_attempts_, &attempt);
  session_bytes_ -= attempt.session_bytes;
  spool_.Close(attempt.key);
  attempts_.erase(KeyBytes(attempt.key));
  WakeWaiting();
}

void Core::OnSessionOpened() {
  session_ = Session::kGreeting;
  session_writable_ = true;
  v1::AgentHello hello;
  hello.set_agent_version(host_.agent_version);
  hello.set_boot_id(host_.boot_id);
  hello.set_host_name(host_.host_name);
  hello.set_operating_system(host_.operating_system);
  *hello.mutable_attributes() = host_.attributes;
  attributes_due_ = false;
  for (auto& [unused, attempt] : attempts_) {
    if (attempt.desired == v1::DESIRED_STATE_FORGET) continue;
    // Whether the controller has the output the welcome will tell.
    const bool final = IsFinal(attempt.status.state()) && !HasOutput(attempt);
    *hello.add_attempts() = Describe(attempt, final);
    attempt.greeted = true;
  }
  controller_.SendHello(std::move(hello));
}

void Core::OnSessionMessage(v1::SessionResponse message) {
  switch (message.message_case()) {
    case v1::SessionResponse::kWelcome:
      OnWelcome(message.welcome());
      break;
    case v1::SessionResponse::kAssign:
      OnAssign(std::move(message));
      break;
    case v1::SessionResponse::kDirectives:
      for (const auto& directive : message.directives().attempts()) {
        OnDirective(directive, /*welcome=*/false);
      }
      for (const uint64_t id : message.directives().cancelled_fetches()) {
        std::erase_if(fetches_, [id](const Fetch& fetch) {
          return fetch.request.fetch_id() == id;
        });
      }
      for (auto& request : *message.mutable_directives()->mutable_fetches()) {
        const uint64_t from = request.from_position();
        fetches_.push_back({std::move(request), from, false});
      }
      break;
    case v1::SessionResponse::kInput:
      OnInput(std::move(*message.mutable_input()));
      break;
    case v1::SessionResponse::MESSAGE_NOT_SET:
      // From a newer controller.
      break;
  }
}

void Core::OnSessionClosed() {
  session_ = Session::kClosed;
  bulk_open_ = false;
  bulk_retry_at_ = absl::InfinitePast();
  bulk_backoff_ = absl::ZeroDuration();
  fetches_.clear();
  fetch_failures_.clear();
  checks_.OnSessionClosed();
  // What was in flight is lost, or acknowledged by the next welcome.
  for (auto& [unused, attempt] : attempts_) {
    attempt.sent = attempt.acknowledged;
    attempt.session_bytes = 0;
    attempt.due = attempt.waiting = attempt.in_bulk = false;
    attempt.greeted = false;
  }
  session_bytes_ = 0;
  due_.clear();
  waiting_.clear();
  bulk_attempts_.clear();
}

void Core::RestartSession(const absl::Status& why) {
  session_ = Session::kEnding;
  controller_.RestartSession(why);
}

void Core::OnBulkMessage(const v1::SendOutputResponse& message) {
  // What should be comes over the session alone: the two streams have no order
  // between them.
  for (const auto& directive : message.attempts()) {
    Attempt* attempt = Find(directive.key());
    if (attempt != nullptr) Acknowledge(*attempt, directive, /*welcome=*/false);
  }
}

void Core::OnWelcome(const v1::ControllerWelcome& welcome) {
  if (session_ != Session::kGreeting) return;
  session_ = Session::kOpen;
  for (auto& [unused, attempt] : attempts_) {
    attempt.final_sent = false;
    MarkDue(attempt);
  }
  for (const auto& directive : welcome.directives()) {
    OnDirective(directive, /*welcome=*/true);
  }
}

void Core::OnAssign(v1::SessionResponse message) {
  std::unique_ptr<v1::AssignTask> assignment(message.release_assign());
  if (assignment->check_only()) {
    return checks_.Ask(std::move(assignment), runner_ready());
  }
  checks_.Drop(assignment->key());
  Attempt& attempt = FindOrAdd(assignment->key());
  if (attempt.desired == v1::DESIRED_STATE_FORGET) {
    attempt.desired = v1::DESIRED_STATE_RUN;
  }
  if (attempt.assignment != nullptr) return;
  if (attempt.status.state() != v1::TASK_STATE_UNSPECIFIED) {
    // Assigned again: the answer is how it is.
    attempt.final_sent = false;
    attempt.reported_state = v1::TASK_STATE_UNSPECIFIED;
    MarkDue(attempt);
    return;
  }
  attempt.assignment = std::move(assignment);
  attempt.greeted = true;
  if (runner_ready()) runner_port_.Start(*attempt.assignment);
}

void Core::OnDirective(const v1::AttemptDirective& directive, bool welcome) {
  Attempt* attempt = Find(directive.key());
  const v1::DesiredState desired = directive.desired();
  if (attempt == nullptr) {
    if (desired != v1::DESIRED_STATE_STOP &&
        desired != v1::DESIRED_STATE_FORGET) {
      return;
    }
    // Not known here, but the runner may know it: it is asked at once, or,
    // while it is away, when it has listed what it has.
    attempt = &FindOrAdd(directive.key());
    (desired == v1::DESIRED_STATE_STOP)
        ? StopAttempt(*attempt, directive.stop())
        : ForgetAttempt(*attempt);
    return;
  }
  if (desired == v1::DESIRED_STATE_FORGET) {
    ForgetAttempt(*attempt);
    return;
  }
  Acknowledge(*attempt, directive, welcome);
  if (desired == v1::DESIRED_STATE_STOP) {
    StopAttempt(*attempt, directive.stop());
  } else if (desired == v1::DESIRED_STATE_RUN ||
             desired == v1::DESIRED_STATE_SUSPEND) {
    SteerAttempt(*attempt, desired);
  }
}

void Core::Acknowledge(Attempt& attempt, const v1::AttemptDirective& directive,
                       bool welcome) {
  const uint64_t position = directive.acknowledged_position();
  if (welcome) {
    attempt.acknowledged = attempt.sent = position;
    attempt.credit = directive.credit_position();
  } else {
    attempt.acknowledged = std::max(attempt.acknowledged, position);
    attempt.sent = std::max(attempt.sent, attempt.acknowledged);
    attempt.credit = std::max(attempt.credit, directive.credit_position());
  }
  UpdateSessionBytes(attempt);
  TellRunner(attempt);
  MarkDue(attempt);
}

void Core::TellRunner(Attempt& attempt) {
  if (!runner_ready() || IsFinal(attempt.status.state())) return;
  if (attempt.acknowledged <= attempt.told_runner) return;
  // The last bytes count as well: the command may wait for just this room.
  const bool all = attempt.acknowledged >= attempt.end_position;
  if (!all && attempt.acknowledged - attempt.told_runner < kTrimStep) return;
  runner_port_.AcknowledgeOutput(attempt.key, attempt.acknowledged);
  attempt.told_runner = attempt.acknowledged;
}

void Core::StopAttempt(Attempt& attempt, const v1::StopRule& rule) {
  const bool told = attempt.desired == v1::DESIRED_STATE_STOP;
  if (told && !MayLeaveLessTime(rule, attempt.stop)) return;
  attempt.desired = v1::DESIRED_STATE_STOP;
  attempt.stop = rule;
  if (!runner_ready()) return;
  if (!IsFinal(attempt.status.state())) runner_port_.Stop(attempt.key, rule);
  if (IsPlaceholder(attempt)) Erase(attempt);
}

void Core::SteerAttempt(Attempt& attempt, v1::DesiredState desired) {
  if (attempt.desired == v1::DESIRED_STATE_STOP ||
      attempt.desired == v1::DESIRED_STATE_FORGET) {
    return;
  }
  const bool suspend = desired == v1::DESIRED_STATE_SUSPEND;
  const v1::DesiredState before = std::exchange(attempt.desired, desired);
  const bool was_suspended =
      before == v1::DESIRED_STATE_SUSPEND ||
      // Since before this agent was started.
      (!suspend && attempt.status.state() == v1::TASK_STATE_SUSPENDED);
  if (suspend == was_suspended || !runner_ready()) return;
  if (IsFinal(attempt.status.state())) return;
  runner_port_.Suspend(attempt.key, suspend);
}

void Core::RepeatDesired(Attempt& attempt) {
  const v1::TaskState state = attempt.status.state();
  if (IsFinal(state)) return;
  if (attempt.desired == v1::DESIRED_STATE_STOP) {
    runner_port_.Stop(attempt.key, attempt.stop);
  } else if (attempt.desired == v1::DESIRED_STATE_SUSPEND) {
    runner_port_.Suspend(attempt.key, true);
  } else if (attempt.desired == v1::DESIRED_STATE_RUN &&
             state == v1::TASK_STATE_SUSPENDED) {
    runner_port_.Suspend(attempt.key, false);
  }
}

void Core::ForgetAttempt(Attempt& attempt) {
  attempt.desired = v1::DESIRED_STATE_FORGET;
  // Without a runner the release waits for the next listing.
  if (!runner_ready()) return;
  runner_port_.Release(attempt.key);
  Erase(attempt);
}

void Core::OnRunnerMessage(runner::v1::RunnerMessage message) {
  switch (message.message_case()) {
    case runner::v1::RunnerMessage::kWelcome:
      OnListingBegins();
      break;
    case runner::v1::RunnerMessage::kState:
      OnAttemptState(*message.mutable_state());
      break;
    case runner::v1::RunnerMessage::kListingComplete:
      OnListingComplete();
      checks_.AskAgain();
      break;
    case runner::v1::RunnerMessage::kVerdict:
      checks_.OnVerdict(std::move(*message.mutable_verdict()));
      break;
    case runner::v1::RunnerMessage::kHoldTask:
      // The line to the runner sees to it.
    case runner::v1::RunnerMessage::MESSAGE_NOT_SET:
      break;
  }
}

void Core::OnRunnerLost() { runner_ = Runner::kAway; }

void Core::OnListingBegins() {
  runner_ = Runner::kListing;
  greeting_due_ = false;
  for (auto& [unused, attempt] : attempts_) {
    attempt.listed = false;
    // Another runner does not know it.
    attempt.told_runner = 0;
  }
}

void Core::OnAttemptState(runner::v1::AttemptState& state) {
  // What is not known and not being listed was released; this crossed it.
  if (runner_ready() && Find(state.key()) == nullptr) return;
  Attempt& attempt = FindOrAdd(state.key());
  attempt.listed = true;
  if (runner_ == Runner::kListing) {
    // Assigned, and yet the runner has it from before: the controller may have
    // output of it as well.
    if (attempt.assignment != nullptr) attempt.greeted = false;
    if (!attempt.greeted) greeting_due_ = true;
  }
  attempt.assignment.reset();
  const bool changed = attempt.status.state() != state.status().state();
  // Only an outcome that was lost and then found changes a final state.
  if (changed) attempt.final_sent = false;
  attempt.status = std::move(*state.mutable_status());
  TakeInputState(state, attempt);
  attempt.end_position = std::max(attempt.sent, state.end_position());
  // The spool may have told of a later one already.
  attempt.start_position =
      std::max(attempt.start_position, state.start_position());
  if (attempt.desired == v1::DESIRED_STATE_FORGET) {
    runner_port_.Release(attempt.key);
    Erase(attempt);
    return;
  }
  // An agent before this one asked for it, while the task was being started.
  if (changed && runner_ready() && attempt.desired == v1::DESIRED_STATE_RUN &&
      attempt.status.state() == v1::TASK_STATE_SUSPENDED) {
    runner_port_.Suspend(attempt.key, false);
  }
  MarkDue(attempt);
}

void Core::OnListingComplete() {
  runner_ = Runner::kReady;
  std::vector<Attempt*> all;
  all.reserve(attempts_.size());
  for (auto& [unused, attempt] : attempts_) all.push_back(&attempt);
  for (Attempt* attempt : all) {
    if (!attempt->listed) {
      ReconcileUnlisted(*attempt);
      continue;
    }
    if (attempt->desired == v1::DESIRED_STATE_FORGET) {
      ForgetAttempt(*attempt);
      continue;
    }
    RepeatDesired(*attempt);
    RepeatInput(*attempt);
    TellRunner(*attempt);
  }
  if (greeting_due_ && session_ != Session::kClosed) {
    // Where to go on with their output only a welcome can tell.
    RestartSession(
        Unavailable("the runner has attempts that the hello did not name"));
  }
}

// The runner lists what lives and what was not released, so what it does not
// list it has never seen, has released, or has lost.
void Core::ReconcileUnlisted(Attempt& attempt) {
  if (IsPlaceholder(attempt) || attempt.desired == v1::DESIRED_STATE_FORGET) {
    Erase(attempt);
  } else if (attempt.assignment != nullptr) {
    if (attempt.desired == v1::DESIRED_STATE_STOP) {
      FinishLocally(attempt, v1::TASK_STATE_STOPPED,
                    "stopped before the runner could start it");
    } else {
      runner_port_.Start(*attempt.assignment);
      RepeatDesired(attempt);
    }
  } else if (!IsFinal(attempt.status.state())) {
    log::Error(
        "the runner no longer knows an attempt that it was running; its "
        "ledger was replaced, so the outcome is unknown");
    FinishLocally(attempt, v1::TASK_STATE_UNKNOWN,
                  "the runner lost its ledger; look on the target whether it "
                  "ran before you retry");
  }
}

void Core::FinishLocally(Attempt& attempt, v1::TaskState state,
                         std::string reason) {
  attempt.assignment.reset();
  attempt.status.set_state(state);
  attempt.status.mutable_outcome()->set_reason(std::move(reason));
  attempt.final_sent = false;
  MarkDue(attempt);
}

}  // namespace tutti::relay
