// What the controller knows about one target of one job.
#ifndef CONTROLLER_JOBS_TASK_H_
#define CONTROLLER_JOBS_TASK_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/jobs/states.h"
#include "controller/results/task_output.h"
#include "tutti/v1/jobs.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti::controller {

// A time in 8 bytes; far apart infinities are lost.
class CompactTime {
 public:
  CompactTime() = default;
  explicit CompactTime(absl::Time time)
      : nanoseconds_(time == absl::InfinitePast() ? 0
                                                  : absl::ToUnixNanos(time)) {}
  explicit CompactTime(const google::protobuf::Timestamp& time)
      : nanoseconds_(time.seconds() * 1'000'000'000 + time.nanos()) {}
  bool known() const { return nanoseconds_ != 0; }
  absl::Time time() const {
    return known() ? absl::FromUnixNanos(nanoseconds_) : absl::InfinitePast();
  }
  google::protobuf::Timestamp ToProto() const;

 private:
  int64_t nanoseconds_ = 0;
};

// The fields of v1::AttemptStatus beside the state, in a fifth of its memory.
class AttemptRecord {
 public:
  // Takes over times and, when the state is final, the outcome. What `status`
  // does not know stays.
  void Update(const v1::AttemptStatus& status);
  // An end that no target reported.
  void End(std::string_view reason, absl::Time now);
  void SetReason(std::string_view reason);
  std::string_view reason() const {
    return reason_ == nullptr ? std::string_view() : *reason_;
  }
  bool started() const { return started_at_.known(); }
  // It was SKIPPED because it did not match the job's condition.
  bool unmatched() const { return unmatched_; }
  absl::Time ended_at() const { return ended_at_.time(); }
  // See v1::Outcome.
  bool yielded() const { return yielded_; }

  void Fill(v1::TaskState state, v1::AttemptStatus& status) const;

 private:
  void UpdateOutcome(const v1::Outcome& outcome);

  CompactTime started_at_;
  CompactTime ended_at_;
  int64_t user_nanoseconds_ = 0;
  int64_t system_nanoseconds_ = 0;
  uint64_t peak_resident_bytes_ = 0;
  // Most outcomes have none.
  std::unique_ptr<const std::string> reason_;
  int32_t end_value_ = 0;
  uint32_t killed_leftovers_ = 0;
  v1::Outcome::EndCase end_ = v1::Outcome::END_NOT_SET;
  bool has_usage_ = false;
  bool unmatched_ = false;
  bool yielded_ = false;
};

// An attempt of a task that another one has followed; final.
struct EarlierAttempt {
  uint32_t attempt = 1;
  v1::TaskState state = v1::TASK_STATE_UNKNOWN;
  AttemptRecord record;
  TaskOutput output;
  // The one before it; null: it was the first.
  std::unique_ptr<EarlierAttempt> earlier;
};

// A task in one of its attempts. Valid until the task changes.
struct AttemptView {
  v1::TaskState state;
  const AttemptRecord& record;
  const TaskOutput& output;
};

// Plain data of the core; there may be millions. State changes go through
// Job::SetState, so that the counts are right.
struct Task {
  v1::TaskState state = v1::TASK_STATE_PENDING;
  // The attempt that all of this is about.
  uint32_t attempt = 1;
  // DISCONNECTED for longer than the job's lost_after.
  bool lost : 1 = false;
  // PENDING, and its target is offline.
  bool offline : 1 = false;
  // Assigned, but not yet known to be in the journal: not sent.
  bool assigning : 1 = false;
  // Was sent to its target at least once, or may have been.
  bool sent : 1 = false;
  // UNKNOWN, and its target is back and still has it.
  bool late : 1 = false;
  // In its session's list of directives to send.
  bool directive_due : 1 = false;
  // It is to be suspended, or to stay so.
  bool suspend : 1 = false;
  // Its output last came over SendOutput.
  bool bulk : 1 = false;
  // Outcomes on their way into the journal.
  uint8_t journaling = 0;
  // DISCONNECTED: since when.
  CompactTime link_lost_at;
  // Earliest entry in the timers; unknown: none.
  CompactTime timer_at;
  // What the target was told last, and what it no longer has.
  uint64_t acknowledged = 0;
  uint64_t start_position = 0;
  AttemptRecord record;
  TaskOutput output;
  // The attempt before this one; null: there is none.
  std::unique_ptr<EarlierAttempt> earlier;

  // Null when it was not in that attempt, or is still in it.
  EarlierAttempt* FindEarlier(uint32_t number) const {
    EarlierAttempt* found = earlier.get();
    while (found != nullptr && found->attempt != number) {
      found = found->earlier.get();
    }
    return found;
  }

  // Whether the final outcome can not be lost any more.
  bool durable() const { return IsFinal(state) && journaling == 0; }
};

}  // namespace tutti::controller

#endif  // CONTROLLER_JOBS_TASK_H_
