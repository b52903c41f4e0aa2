// Tasks that outlive their runner.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/runner/server/attempt_runner.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/log.h"

namespace tutti::runner {
namespace {

// Whoever holds tasks for us connects again every 200 ms.
constexpr absl::Duration kAwaitFor = absl::Seconds(10);
constexpr char kLostReason[] =
    "the runner was restarted while it ran; its exit status is lost";

std::optional<absl::Duration> Nanoseconds(bool has, int64_t nanoseconds) {
  if (!has) return std::nullopt;
  return absl::Nanoseconds(nanoseconds);
}

RunningState RunningStateOf(const v1::HandedTask& handed) {
  RunningState state;
  if (handed.cause() == v1::HandedTask::CAUSE_STOPPED) {
    state.cause = EndCause::kStopped;
  } else if (handed.cause() == v1::HandedTask::CAUSE_TIMED_OUT) {
    state.cause = EndCause::kTimedOut;
  }
  if (handed.signal() != 0) state.signal = handed.signal();
  state.time_out_at =
      Nanoseconds(handed.has_time_out_at(), handed.time_out_at());
  state.kill_at = Nanoseconds(handed.has_kill_at(), handed.kill_at());
  state.give_up_at = Nanoseconds(handed.has_give_up_at(), handed.give_up_at());
  state.suspended = handed.suspended();
  state.time_left = Nanoseconds(handed.has_time_left(), handed.time_left());
  return state;
}

void SetState(const Attempt& attempt, v1::HandedTask& handed) {
  if (attempt.ending.cause == EndCause::kStopped) {
    handed.set_cause(v1::HandedTask::CAUSE_STOPPED);
  } else if (attempt.ending.cause == EndCause::kTimedOut) {
    handed.set_cause(v1::HandedTask::CAUSE_TIMED_OUT);
  }
  if (attempt.ending.cause != EndCause::kNone) {
    handed.set_signal(attempt.ending.signal);
  }
  if (attempt.time_out_at) {
    handed.set_time_out_at(absl::ToInt64Nanoseconds(*attempt.time_out_at));
  }
  if (attempt.kill_at) {
    handed.set_kill_at(absl::ToInt64Nanoseconds(*attempt.kill_at));
  }
  if (attempt.give_up_at) {
    handed.set_give_up_at(absl::ToInt64Nanoseconds(*attempt.give_up_at));
  }
  handed.set_suspended(attempt.suspended);
  if (attempt.time_left) {
    handed.set_time_left(absl::ToInt64Nanoseconds(*attempt.time_left));
  }
}

// A task that goes through other hands comes to a runner that is the parent of
// none of its processes, whatever those hands say.
void ForgetParentage(v1::HeldTask& task) {
  if (task.has_keeper()) task.mutable_keeper()->clear_pid();
  if (task.has_cgroup()) task.mutable_cgroup()->clear_is_child();
}

}  // namespace

void AttemptRunner::Recover() {
  for (const LedgerIndex::Known& known : ledger_->index().All()) {
    RecoverOne(known);
  }
  spool_->DeleteUnclaimed();
  spool_->DeleteExpired(clock_.Now());
  if (await_until_ == absl::InfiniteDuration()) launcher_->EndLeftovers();
}

void AttemptRunner::RecoverOne(const LedgerIndex::Known& known) {
  if (known.entry.released) {
    if (known.entry.no_keep) return spool_->Delete(known.key);
    return spool_->Retain(known.key, known.entry.released_at);
  }
  const std::optional<SpoolExtent> extent = spool_->Recover(known.key);
  storage::v1::AttemptEnded ended;
  ended.ParseFromString(known.entry.ended);
  const bool recorded = !known.entry.ended.empty();
  if (!recorded && known.entry.boot_id == boot_id_) {
    return AwaitOne(known, extent);
  }
  if (!recorded) {
    tutti::v1::AttemptStatus& status = *ended.mutable_status();
    status.set_state(tutti::v1::TASK_STATE_UNKNOWN);
    status.mutable_outcome()->set_reason(
        "the host was restarted while it ran; its exit status is lost");
    *status.mutable_started_at() = ToProto(known.entry.started_at);
    *status.mutable_ended_at() = ToProto(clock_.Now());
  }
  if (!extent.has_value()) {
    return table_.Restore(known.key, ended.status(), ended.end_position(),
                          ended.end_position(), recorded);
  }
  std::unique_ptr<SpoolWriter> spool = TakeUpSpool(known.key, extent);
  table_.Restore(known.key, ended.status(), extent->start, spool->end(),
                 recorded);
  outsides_[table_.Find(known.key)->id].spool = std::move(spool);
}

// Says in it what of it is lost.
std::unique_ptr<SpoolWriter> AttemptRunner::TakeUpSpool(
    const tutti::v1::AttemptKey& key,
    const std::optional<SpoolExtent>& extent) {
  auto spool = std::make_unique<SpoolWriter>(*spool_, key, extent);
  if (!extent.has_value() || extent->lost == 0) return spool;
  const absl::Status told = spool->WriteEvent(
      fmt::format("output is missing here: {} bytes of the spool file were "
                  "damaged, as by a power cut",
                  extent->lost),
      clock_.Now());
  if (!told.ok()) log::Error("{}", TextOf(told));
  return spool;
}

void AttemptRunner::AwaitOne(const LedgerIndex::Known& known,
                             const std::optional<SpoolExtent>& extent) {
  storage::v1::AttemptStarting limits;
  limits.ParseFromString(known.entry.limits);
  tutti::v1::JobSpec spec;
  if (limits.has_timeout()) *spec.mutable_timeout() = limits.timeout();
  if (limits.has_grace()) *spec.mutable_grace() = limits.grace();
  spec.set_keep_children(limits.keep_children());
  if (limits.yields()) spec.mutable_query();
  tutti::v1::AttemptStatus status;
  status.set_state(tutti::v1::TASK_STATE_RUNNING);
  *status.mutable_started_at() = ToProto(known.entry.started_at);
  std::unique_ptr<SpoolWriter> spool = TakeUpSpool(known.key, extent);
  table_.Await(known.key, std::move(spec), status, extent ? extent->start : 0,
               spool->end());
  outsides_[table_.Find(known.key)->id].spool = std::move(spool);
  await_until_ = Now().steady + kAwaitFor;
}

void AttemptRunner::TakeUp(ReturnedTask task) {
  ForgetParentage(task.task);
  Resume(std::move(task), nullptr);
}

void AttemptRunner::Resume(ReturnedTask task, const v1::HandedTask* handed) {
  const Attempt* attempt = table_.Find(task.task.key());
  if (attempt == nullptr || attempt->phase != AttemptPhase::kAwaited) return;
  const AttemptId id = attempt->id;
  std::optional<RunningState> state;
  if (handed != nullptr) state = RunningStateOf(*handed);
  Outside& outside = outsides_.at(id);
  if (handed != nullptr) {
    outside.spool->TakeUp(handed->acknowledged_position(),
                          handed->dropped_bytes());
  }
  outside.task = MakeTask(*attempt);
  const absl::Status status =
      outside.task->TakeUp(*launcher_, std::move(task), handed);
  if (!status.ok()) {
    log::Error("cannot go on with a task: {}", TextOf(status));
    outside.task.reset();
    return;
  }
  if (state.has_value()) state->input = outside.task->input();
  table_.OnTakenUp(id, state, Now());
  log::Info("goes on with a task of an earlier runner");
}

void AttemptRunner::EndAwaiting() {
  if (std::exchange(await_until_, absl::InfiniteDuration()) ==
      absl::InfiniteDuration()) {
    return;
  }
  for (const AttemptId id : table_.All()) {
    table_.OnLost(id, kLostReason, Now());
  }
  launcher_->EndLeftovers();
}

std::optional<HeldDescription> AttemptRunner::Describe(AttemptId id) const {
  const Attempt* attempt = table_.Find(id);
  const auto outside = outsides_.find(id);
  if (attempt == nullptr || outside == outsides_.end() ||
      outside->second.task == nullptr) {
    return std::nullopt;
  }
  std::optional<HeldDescription> held = outside->second.task->Describe();
  if (held.has_value()) *held->task.mutable_key() = attempt->key;
  return held;
}

std::optional<HeldDescription> AttemptRunner::DescribeForOthers(
    AttemptId id) const {
  std::optional<HeldDescription> held = Describe(id);
  if (held.has_value()) ForgetParentage(held->task);
  return held;
}

void AttemptRunner::TakeOver(const v1::Handover& handover) {
  for (const v1::HandedTask& handed : handover.tasks()) {
    ReturnedTask task;
    task.task = handed.task();
    for (const int descriptor : handed.descriptors()) {
      task.descriptors.emplace_back(descriptor);
    }
    if (handed.has_input()) task.input.Reset(handed.input().file_descriptor());
    Resume(std::move(task), &handed);
  }
  EndAwaiting();
}

bool AttemptRunner::IsSettled() {
  if (!users_->idle() || !conditions_.empty() || !recordings_.empty() ||
      await_until_ != absl::InfiniteDuration()) {
    return false;
  }
  for (const AttemptId id : table_.All()) {
    const AttemptPhase phase = table_.Find(id)->phase;
    if (phase == AttemptPhase::kFinal) continue;
    if (phase != AttemptPhase::kRunning || !Describe(id)) return false;
    if (outsides_.at(id).spool->has_unwritten()) return false;
  }
  return ledger_->Flush();
}

v1::Handover AttemptRunner::MakeHandover() const {
  v1::Handover handover;
  for (const AttemptId id : table_.All()) {
    const std::optional<HeldDescription> held = Describe(id);
    if (!held.has_value()) continue;
    v1::HandedTask& handed = *handover.add_tasks();
    *handed.mutable_task() = held->task;
    for (const int descriptor : held->descriptors) {
      handed.add_descriptors(descriptor);
    }
    const SpoolWriter& spool = *outsides_.at(id).spool;
    handed.set_acknowledged_position(spool.acknowledged());
    handed.set_dropped_bytes(spool.dropped());
    SetState(*table_.Find(id), handed);
    std::optional<v1::HandedInput> input =
        outsides_.at(id).task->DescribeInput();
    if (input.has_value()) *handed.mutable_input() = *std::move(input);
  }
  return handover;
}

}  // namespace tutti::runner
