#include "agent/runner/core/attempt_table.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/duration.h"
#include "common/jobs/attempt_key.h"
#include "common/jobs/query_limits.h"
#include "common/jobs/spec_traits.h"

namespace tutti::runner {
namespace {

// An attempt that ends sooner, and says less, is told of once.
constexpr absl::Duration kAnnounceAfter = absl::Milliseconds(50);
constexpr uint64_t kAnnounceBytes = 32 << 10;
// How often growing output is told of: whichever comes first.
constexpr absl::Duration kPublishEvery = absl::Milliseconds(5);
constexpr uint64_t kPublishBytes = 256 << 10;
// Input that was taken is told of at once when it is so much.
constexpr uint64_t kPublishChunks = 8;

// Beyond kLongestCondition, after which whoever asks a condition ends itself.
constexpr absl::Duration kAnswerLate = absl::Seconds(10);
// How long KILL may take.
constexpr absl::Duration kGiveUpAfter = absl::Seconds(10);

bool IsDue(const std::optional<absl::Duration>& deadline, const Moment& now) {
  return deadline.has_value() && *deadline <= now.steady;
}

}  // namespace

const Attempt* AttemptTable::Find(const tutti::v1::AttemptKey& key) const {
  const auto found = by_key_.find(KeyBytes(key));
  return found == by_key_.end() ? nullptr : Find(found->second);
}

const Attempt* AttemptTable::Find(AttemptId id) const {
  const auto found = attempts_.find(id);
  return found == attempts_.end() ? nullptr : found->second.get();
}

Attempt* AttemptTable::Mutable(AttemptId id) {
  const auto found = attempts_.find(id);
  return found == attempts_.end() ? nullptr : found->second.get();
}

Attempt* AttemptTable::Mutable(const tutti::v1::AttemptKey& key) {
  const auto found = by_key_.find(KeyBytes(key));
  return found == by_key_.end() ? nullptr : Mutable(found->second);
}

std::vector<AttemptId> AttemptTable::All() const {
  std::vector<AttemptId> ids;
  ids.reserve(attempts_.size());
  for (const auto& [id, attempt] : attempts_) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

size_t AttemptTable::CountRunning() const {
  return static_cast<size_t>(
      std::count_if(attempts_.begin(), attempts_.end(), [](const auto& item) {
        return item.second->phase == AttemptPhase::kRunning;
      }));
}

Attempt& AttemptTable::Insert(const tutti::v1::AttemptKey& key) {
  auto attempt = std::make_unique<Attempt>();
  attempt->id = next_id_++;
  attempt->key = key;
  by_key_[KeyBytes(key)] = attempt->id;
  ++unfinished_;
  return *(attempts_[attempt->id] = std::move(attempt));
}

void AttemptTable::Start(const tutti::v1::AttemptKey& key,
                         tutti::v1::JobSpec spec, absl::Time valid_until) {
  Attempt& attempt = Insert(key);
  attempt.spec = std::move(spec);
  attempt.valid_until = valid_until;
  attempt.status.set_state(tutti::v1::TASK_STATE_ASSIGNED);
  attempt.input.closed = !TakesInput(attempt.spec);
}

void AttemptTable::OnPlanned(AttemptId id, const std::string& refusal,
                             const Moment& now) {
  Attempt* attempt = Mutable(id);
  if (attempt == nullptr || attempt->phase != AttemptPhase::kPlanning) return;
  if (!refusal.empty()) {
    return FinishWithoutTrace(*attempt, tutti::v1::TASK_STATE_REFUSED, refusal,
                              now);
  }
  if (!attempt->spec.has_condition()) return Commit(*attempt);
  attempt->phase = AttemptPhase::kAsking;
  const absl::Duration before = EarliestDeadline(*attempt);
  attempt->answer_by = now.steady + kLongestCondition + kAnswerLate;
  Reschedule(*attempt, before);
  effects_.AskCondition(*attempt);
}

void AttemptTable::OnConditionAnswered(AttemptId id,
                                       const ConditionAnswer& answer,
                                       const Moment& now) {
  Attempt* attempt = Mutable(id);
  if (attempt == nullptr || attempt->phase != AttemptPhase::kAsking) return;
  const absl::Duration before = EarliestDeadline(*attempt);
  attempt->answer_by.reset();
  Reschedule(*attempt, before);
  if (!answer.failure.empty()) {
    return FinishWithoutTrace(*attempt, tutti::v1::TASK_STATE_NOT_STARTED,
                              answer.failure, now);
  }
  if (answer.holds) return Commit(*attempt);
  attempt->status.mutable_outcome()->set_unmatched(true);
  FinishWithoutTrace(*attempt, tutti::v1::TASK_STATE_SKIPPED,
                     "it does not match the condition (--where)", now);
}

void AttemptTable::Commit(Attempt& attempt) {
  attempt.phase = AttemptPhase::kCommitting;
  effects_.RecordStarting(attempt);
}

void AttemptTable::Refuse(const tutti::v1::AttemptKey& key,
                          std::string_view reason, const Moment& now) {
  FinishWithoutTrace(Insert(key), tutti::v1::TASK_STATE_REFUSED, reason, now);
}

void AttemptTable::FinishWithoutTrace(Attempt& attempt,
                                      tutti::v1::TaskState state,
                                      std::string_view reason,
                                      const Moment& now) {
  attempt.status.set_state(state);
  SetReason(reason, attempt.status);
  *attempt.status.mutable_ended_at() = ToProto(now.wall);
  SetFinal(attempt);
  without_trace_.push_back(attempt.id);
  if (without_trace_.size() > kMaxWithoutTrace) DropOldestWithoutTrace();
}

void AttemptTable::DropOldestWithoutTrace() {
  const auto oldest = attempts_.find(without_trace_.front());
  without_trace_.pop_front();
  if (oldest == attempts_.end()) return;
  effects_.Forget(*oldest->second);
  by_key_.erase(KeyBytes(oldest->second->key));
  attempts_.erase(oldest);
}

void AttemptTable::Restore(const tutti::v1::AttemptKey& key,
                           const tutti::v1::AttemptStatus& status,
                           uint64_t start_position, uint64_t end_position,
                           bool recorded) {
  Attempt& attempt = Insert(key);
  attempt.status = status;
  SetReason(status.outcome().reason(), attempt.status);
  attempt.start_position = start_position;
  attempt.end_position = end_position;
  if (recorded) return SetFinal(attempt);
  attempt.phase = AttemptPhase::kRecording;
  effects_.RecordEnded(attempt);
}

void AttemptTable::Await(const tutti::v1::AttemptKey& key,
                         tutti::v1::JobSpec spec,
                         const tutti::v1::AttemptStatus& status,
                         uint64_t start_position, uint64_t end_position) {
  Attempt& attempt = Insert(key);
  attempt.spec = std::move(spec);
  attempt.status = status;
  attempt.start_position = start_position;
  attempt.end_position = end_position;
  attempt.phase = AttemptPhase::kAwaited;
  attempt.announced = true;
}

void AttemptTable::OnTakenUp(AttemptId id,
                             const std::optional<RunningState>& state,
                             const Moment& now) {
  Attempt* attempt = Mutable(id);
  if (attempt == nullptr || attempt->phase != AttemptPhase::kAwaited) return;
  attempt->phase = AttemptPhase::kRunning;
  if (state.has_value()) return GoOn(*attempt, *state);
  if (attempt->spec.has_timeout()) {
    const absl::Duration before = EarliestDeadline(*attempt);
    const absl::Duration ran = now.wall - ToTime(attempt->status.started_at());
    attempt->time_out_at = now.steady + LimitOf(*attempt) - ran;
    Reschedule(*attempt, before);
  }
  // What was asked for while it was awaited.
  if (attempt->ending.cause != EndCause::kNone) {
    Terminate(*attempt, now);
  } else if (attempt->suspended) {
    return Freeze(*attempt, now);
  }
  // The earlier runner may have suspended it.
  effects_.ThawTree(*attempt);
}

void AttemptTable::GoOn(Attempt& attempt, const RunningState& state) {
  const absl::Duration before = EarliestDeadline(attempt);
  attempt.ending.cause = state.cause;
  attempt.ending.signal = state.signal;
  attempt.time_out_at = state.time_out_at;
  attempt.kill_at = state.kill_at;
  attempt.give_up_at = state.give_up_at;
  attempt.suspended = state.suspended;
  attempt.time_left = state.time_left;
  attempt.input = state.input;
  if (attempt.suspended) {
    attempt.status.set_state(tutti::v1::TASK_STATE_SUSPENDED);
  }
  Reschedule(attempt, before);
}

void AttemptTable::OnLost(AttemptId id, std::string reason, const Moment& now) {
  Attempt* attempt = Mutable(id);
  if (attempt == nullptr || attempt->phase != AttemptPhase::kAwaited) return;
  ProcessEnd end;
  end.lost = true;
  end.remark = std::move(reason);
  Finish(*attempt, end, now);
}

void AttemptTable::OnStartingRecorded(AttemptId id, const std::string& error,
                                      const Moment& now) {
  Attempt* attempt = Mutable(id);
  if (attempt == nullptr || attempt->phase != AttemptPhase::kCommitting) return;
  if (!error.empty()) {
    ProcessEnd end;
    end.start_error = EIO;
    end.remark = error;
    return Finish(*attempt, end, now);
  }
  // Stopped meanwhile.
  if (attempt->ending.cause != EndCause::kNone) {
    return FinishUnstarted(*attempt, now);
  }
  attempt->phase = AttemptPhase::kStarting;
  *attempt->status.mutable_started_at() = ToProto(now.wall);
  effects_.StartProcess(*attempt);
}

void AttemptTable::OnStarted(AttemptId id,
                             const std::optional<ProcessEnd>& failure,
                             const Moment& now) {
  Attempt* attempt = Mutable(id);
  if (attempt == nullptr || attempt->phase != AttemptPhase::kStarting) return;
  if (failure.has_value()) {
    attempt->status.clear_started_at();
    return Finish(*attempt, *failure, now);
  }
  attempt->phase = AttemptPhase::kRunning;
  attempt->status.set_state(tutti::v1::TASK_STATE_RUNNING);
  const absl::Duration before = EarliestDeadline(*attempt);
  attempt->announce_at = now.steady + kAnnounceAfter;
  if (attempt->spec.has_timeout()) {
    attempt->time_out_at = now.steady + LimitOf(*attempt);
  }
  Reschedule(*attempt, before);
  // What was asked for meanwhile.
  if (attempt->ending.cause != EndCause::kNone) {
    Terminate(*attempt, now);
  } else if (attempt->suspended) {
    Freeze(*attempt, now);
  }
  // Its input waits for that.
  if (TakesInput(attempt->spec) && !attempt->announced) {
    Announce(*attempt, now);
  }
}

void AttemptTable::Announce(Attempt& attempt, const Moment& now) {
  attempt.announced = true;
  Publish(attempt, now);
}

void AttemptTable::Publish(Attempt& attempt, const Moment& now) {
  const absl::Duration before = EarliestDeadline(attempt);
  attempt.announce_at.reset();
  attempt.publish_at.reset();
  Reschedule(attempt, before);
  attempt.published_end = attempt.end_position;
  attempt.published_taken = attempt.input.taken;
  attempt.published_at = now.steady;
  effects_.Publish(attempt);
}

void AttemptTable::OnOutput(AttemptId id, uint64_t end_position,
                            const Moment& now) {
  Attempt* attempt = Mutable(id);
  if (attempt == nullptr) return;
  attempt->end_position = end_position;
  if (!attempt->announced) {
    if (end_position > kAnnounceBytes) Announce(*attempt, now);
    return;
  }
  if (end_position - attempt->published_end >= kPublishBytes) {
    return Publish(*attempt, now);
  }
  PublishSoon(*attempt, now);
}

void AttemptTable::PublishSoon(Attempt& attempt, const Moment& now) {
  if (now.steady - attempt.published_at >= kPublishEvery) {
    return Publish(attempt, now);
  }
  if (attempt.publish_at.has_value()) return;
  const absl::Duration before = EarliestDeadline(attempt);
  attempt.publish_at = attempt.published_at + kPublishEvery;
  Reschedule(attempt, before);
}

void AttemptTable::OnInput(AttemptId id, const InputState& input,
                           const Moment& now) {
  Attempt* attempt = Mutable(id);
  if (attempt == nullptr) return;
  attempt->input = input;
  // What was taken before it was told of is told with it.
  if (!attempt->announced) return;
  if (input.taken - attempt->published_taken >= kPublishChunks) {
    return Publish(*attempt, now);
  }
  if (!input.waits || input.closed) PublishSoon(*attempt, now);
}

void AttemptTable::OnMainEnded(AttemptId id, const Moment& now) {
  Attempt* attempt = Mutable(id);
  if (attempt == nullptr) return;
  const absl::Duration before = EarliestDeadline(*attempt);
  attempt->main_ended = true;
  attempt->time_out_at.reset();
  attempt->give_up_at = now.steady + kGiveUpAfter;
  Reschedule(*attempt, before);
}

void AttemptTable::FinishUnstarted(Attempt& attempt, const Moment& now) {
  ProcessEnd end;
  // It never ran, so there is no exit status either.
  end.lost = true;
  end.remark = "it was stopped before it started";
  Finish(attempt, end, now);
}

bool AttemptTable::Release(const tutti::v1::AttemptKey& key) {
  const auto found = by_key_.find(KeyBytes(key));
  if (found == by_key_.end()) return false;
  const auto attempt = attempts_.find(found->second);
  if (attempt->second->phase != AttemptPhase::kFinal) return false;
  attempts_.erase(attempt);
  by_key_.erase(found);
  return true;
}

void AttemptTable::OnEnded(AttemptId id, ProcessEnd end, uint64_t end_position,
                           const Moment& now) {
  Attempt* attempt = Mutable(id);
  if (attempt == nullptr || attempt->phase != AttemptPhase::kRunning) return;
  attempt->end_position = end_position;
  if (TellsYield(attempt->spec)) TakeYield(end);
  Finish(*attempt, end, now);
}

void AttemptTable::Finish(Attempt& attempt, const ProcessEnd& end,
                          const Moment& now) {
  const absl::Duration before = EarliestDeadline(attempt);
  attempt.announce_at.reset();
  attempt.publish_at.reset();
  attempt.time_out_at.reset();
  attempt.kill_at.reset();
  attempt.give_up_at.reset();
  attempt.answer_by.reset();
  Reschedule(attempt, before);
  SetFinalStatus(end, attempt.ending.cause, LimitOf(attempt), attempt.status);
  *attempt.status.mutable_ended_at() = ToProto(now.wall);
  attempt.input.closed = true;
  attempt.phase = AttemptPhase::kRecording;
  effects_.RecordEnded(attempt);
}

void AttemptTable::OnEndRecorded(AttemptId id) {
  Attempt* attempt = Mutable(id);
  if (attempt == nullptr || attempt->phase != AttemptPhase::kRecording) return;
  SetFinal(*attempt);
}

void AttemptTable::SetFinal(Attempt& attempt) {
  attempt.phase = AttemptPhase::kFinal;
  attempt.announced = true;
  attempt.input.closed = true;
  attempt.spec = tutti::v1::JobSpec();
  --unfinished_;
  effects_.Publish(attempt);
}

void AttemptTable::Reschedule(Attempt& attempt, absl::Duration before) {
  const absl::Duration after = EarliestDeadline(attempt);
  if (after == before) return;
  if (before != absl::InfiniteDuration()) {
    deadlines_.erase({before, attempt.id});
  }
  if (after != absl::InfiniteDuration()) {
    deadlines_.insert({after, attempt.id});
  }
}

std::optional<absl::Duration> AttemptTable::NextDeadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

void AttemptTable::OnTime(const Moment& now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now.steady) {
    Attempt& attempt = *attempts_.at(deadlines_.begin()->second);
    if (IsDue(attempt.announce_at, now) || IsDue(attempt.publish_at, now)) {
      Announce(attempt, now);
    }
    if (IsDue(attempt.answer_by, now)) {
      effects_.StopAsking(attempt);
      OnConditionAnswered(
          attempt.id,
          {.holds = false,
           .failure = "its condition (--where) has no answer: what asks it can "
                      "not be ended, as by a file system that hangs"},
          now);
      continue;
    }
    if (IsDue(attempt.time_out_at, now)) {
      BeginToEnd(attempt,
                 {.cause = EndCause::kTimedOut, .grace = GraceOf(attempt)},
                 now);
    }
    if (IsDue(attempt.kill_at, now)) {
      const absl::Duration before = EarliestDeadline(attempt);
      attempt.kill_at.reset();
      attempt.give_up_at = now.steady + kGiveUpAfter;
      Reschedule(attempt, before);
      effects_.KillTree(attempt);
    }
    if (IsDue(attempt.give_up_at, now)) {
      const absl::Duration before = EarliestDeadline(attempt);
      attempt.give_up_at.reset();
      Reschedule(attempt, before);
      effects_.GiveUp(attempt);
    }
  }
}

}  // namespace tutti::runner
