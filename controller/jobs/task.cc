#include "controller/jobs/task.h"

#include "common/base/duration.h"
#include "common/jobs/states.h"
#include "controller/jobs/job_state.h"

namespace tutti::controller {

google::protobuf::Timestamp CompactTime::ToProto() const {
  return tutti::ToProto(time());
}

void AttemptRecord::Update(const v1::AttemptStatus& status) {
  if (status.has_started_at()) started_at_ = CompactTime(status.started_at());
  if (status.has_ended_at()) ended_at_ = CompactTime(status.ended_at());
  if (!IsFinal(status.state())) return;
  UpdateOutcome(status.outcome());
  unmatched_ =
      status.state() == v1::TASK_STATE_SKIPPED && status.outcome().unmatched();
}

void AttemptRecord::UpdateOutcome(const v1::Outcome& outcome) {
  end_ = outcome.end_case();
  switch (end_) {
    case v1::Outcome::kExitStatus:
      end_value_ = outcome.exit_status();
      break;
    case v1::Outcome::kSignal:
      end_value_ = outcome.signal();
      break;
    case v1::Outcome::kStartErrno:
      end_value_ = outcome.start_errno();
      break;
    case v1::Outcome::END_NOT_SET:
      break;
  }
  SetReason(outcome.reason());
  killed_leftovers_ = outcome.killed_leftovers();
  yielded_ = outcome.yielded();
  has_usage_ = outcome.has_usage();
  const v1::ResourceUsage& usage = outcome.usage();
  user_nanoseconds_ = absl::ToInt64Nanoseconds(ToDuration(usage.user_time()));
  system_nanoseconds_ =
      absl::ToInt64Nanoseconds(ToDuration(usage.system_time()));
  peak_resident_bytes_ = usage.peak_resident_bytes();
}

void AttemptRecord::End(std::string_view reason, absl::Time now) {
  SetReason(reason);
  ended_at_ = CompactTime(now);
}

void AttemptRecord::SetReason(std::string_view reason) {
  reason_ =
      reason.empty() ? nullptr : std::make_unique<const std::string>(reason);
}

void AttemptRecord::Fill(v1::TaskState state, v1::AttemptStatus& status) const {
  status.set_state(state);
  if (started_at_.known()) *status.mutable_started_at() = started_at_.ToProto();
  if (!IsFinal(state)) return;
  if (ended_at_.known()) *status.mutable_ended_at() = ended_at_.ToProto();
  v1::Outcome& outcome = *status.mutable_outcome();
  switch (end_) {
    case v1::Outcome::kExitStatus:
      outcome.set_exit_status(end_value_);
      break;
    case v1::Outcome::kSignal:
      outcome.set_signal(end_value_);
      break;
    case v1::Outcome::kStartErrno:
      outcome.set_start_errno(end_value_);
      break;
    case v1::Outcome::END_NOT_SET:
      break;
  }
  outcome.set_reason(std::string(reason()));
  outcome.set_killed_leftovers(killed_leftovers_);
  outcome.set_unmatched(unmatched_);
  outcome.set_yielded(yielded_);
  if (!has_usage_) return;
  v1::ResourceUsage& usage = *outcome.mutable_usage();
  if (user_nanoseconds_ != 0) {
    *usage.mutable_user_time() =
        tutti::ToProto(absl::Nanoseconds(user_nanoseconds_));
  }
  if (system_nanoseconds_ != 0) {
    *usage.mutable_system_time() =
        tutti::ToProto(absl::Nanoseconds(system_nanoseconds_));
  }
  usage.set_peak_resident_bytes(peak_resident_bytes_);
}

}  // namespace tutti::controller
