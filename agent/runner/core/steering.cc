// What becomes of an attempt that is told to end, to stand still, or to go on.
#include <signal.h>

#include <algorithm>
#include <utility>

#include "agent/runner/core/attempt_table.h"
#include "common/base/duration.h"

namespace tutti::runner {
namespace {

// Whoever shuts the host down does not wait for longer.
constexpr absl::Duration kLongestGraceAtShutdown = absl::Seconds(30);

Ending EndingBy(const tutti::v1::StopRule& rule, EndCause cause,
                const Attempt& attempt) {
  Ending ending{.cause = cause, .grace = GraceOf(attempt)};
  if (rule.signal() >= 1 && rule.signal() <= SIGRTMAX) {
    ending.signal = rule.signal();
  }
  if (rule.has_grace()) {
    ending.grace = std::max(ToDuration(rule.grace()), absl::ZeroDuration());
  }
  return ending;
}

}  // namespace

void AttemptTable::Stop(const tutti::v1::AttemptKey& key, EndCause cause,
                        const tutti::v1::StopRule& rule, const Moment& now) {
  Attempt* attempt = Mutable(key);
  if (attempt == nullptr) return;
  BeginToEnd(*attempt, EndingBy(rule, cause, *attempt), now);
}

void AttemptTable::StopAll(EndCause cause, const Moment& now) {
  for (const AttemptId id : All()) {
    Attempt& attempt = *attempts_.at(id);
    BeginToEnd(attempt,
               {.cause = cause,
                .grace = std::min(GraceOf(attempt), kLongestGraceAtShutdown)},
               now);
  }
}

void AttemptTable::BeginToEnd(Attempt& attempt, const Ending& ending,
                              const Moment& now) {
  if (attempt.main_ended || attempt.phase >= AttemptPhase::kRecording) return;
  if (attempt.ending.cause != EndCause::kNone) {
    return EndSooner(attempt, ending, now);
  }
  attempt.ending = ending;
  // Nothing is known of how long these take.
  if (attempt.phase == AttemptPhase::kAsking) effects_.StopAsking(attempt);
  if (attempt.phase == AttemptPhase::kPlanning ||
      attempt.phase == AttemptPhase::kAsking) {
    return FinishUnstarted(attempt, now);
  }
  if (attempt.phase == AttemptPhase::kRunning) Terminate(attempt, now);
}

void AttemptTable::EndSooner(Attempt& attempt, const Ending& ending,
                             const Moment& now) {
  const bool running = attempt.phase == AttemptPhase::kRunning;
  // Also when KILL was sent already.
  if (running && (!attempt.kill_at.has_value() ||
                  now.steady + ending.grace >= *attempt.kill_at)) {
    return;
  }
  if (!running && ending.grace >= attempt.ending.grace) return;
  const int signal = std::exchange(attempt.ending.signal, ending.signal);
  attempt.ending.grace = ending.grace;
  if (!running) return;
  const absl::Duration before = EarliestDeadline(attempt);
  attempt.kill_at = now.steady + ending.grace;
  Reschedule(attempt, before);
  // Many programs take the same signal again for a wish to leave work undone.
  if (signal != ending.signal) effects_.SignalTree(attempt, ending.signal);
}

void AttemptTable::Terminate(Attempt& attempt, const Moment& now) {
  const absl::Duration before = EarliestDeadline(attempt);
  attempt.time_out_at.reset();
  attempt.time_left.reset();
  attempt.suspended = false;
  attempt.kill_at = now.steady + attempt.ending.grace;
  Reschedule(attempt, before);
  effects_.SignalTree(attempt, attempt.ending.signal);
  if (attempt.status.state() == tutti::v1::TASK_STATE_SUSPENDED) {
    Thaw(attempt, now);
  }
}

void AttemptTable::Suspend(const tutti::v1::AttemptKey& key, bool suspend,
                           const Moment& now) {
  Attempt* attempt = Mutable(key);
  if (attempt == nullptr || attempt->suspended == suspend ||
      attempt->ending.cause != EndCause::kNone || attempt->main_ended ||
      attempt->phase >= AttemptPhase::kRecording) {
    return;
  }
  attempt->suspended = suspend;
  if (attempt->phase != AttemptPhase::kRunning) return;
  suspend ? Freeze(*attempt, now) : Thaw(*attempt, now);
}

void AttemptTable::Freeze(Attempt& attempt, const Moment& now) {
  const absl::Duration before = EarliestDeadline(attempt);
  if (attempt.time_out_at.has_value()) {
    attempt.time_left =
        std::max(*attempt.time_out_at - now.steady, absl::ZeroDuration());
    attempt.time_out_at.reset();
  }
  Reschedule(attempt, before);
  attempt.status.set_state(tutti::v1::TASK_STATE_SUSPENDED);
  effects_.FreezeTree(attempt);
  Announce(attempt, now);
}

void AttemptTable::Thaw(Attempt& attempt, const Moment& now) {
  const absl::Duration before = EarliestDeadline(attempt);
  if (attempt.time_left.has_value()) {
    attempt.time_out_at = now.steady + *attempt.time_left;
    attempt.time_left.reset();
  }
  Reschedule(attempt, before);
  attempt.status.set_state(tutti::v1::TASK_STATE_RUNNING);
  effects_.ThawTree(attempt);
  Announce(attempt, now);
}

}  // namespace tutti::runner
