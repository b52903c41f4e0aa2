// How many tasks of a job may fail.
#ifndef CONTROLLER_ROLLOUT_FAILURE_BUDGET_H_
#define CONTROLLER_ROLLOUT_FAILURE_BUDGET_H_

#include <cstdint>

namespace tutti::controller {

// Which limit ended a rollout.
enum class Limit : uint8_t { kNone, kStopAfter, kMaxFailures, kQuorum };

// Counts failures against two limits; 0 is none. `stop_after` only ends the
// rollout; `max_failures` is kept to, by starting nothing that could fail too
// many. A limit that was reached stays so. Not thread-safe.
class FailureBudget {
 public:
  FailureBudget(uint32_t stop_after, uint32_t max_failures)
      : stop_after_(stop_after), max_failures_(max_failures) {}

  // From now on; what has failed counts.
  void SetLimits(uint32_t stop_after, uint32_t max_failures) {
    stop_after_ = stop_after;
    max_failures_ = max_failures;
    Check();
  }

  void Count() {
    ++failures_;
    Check();
  }
  // What had counted as a failure was none.
  void TakeBack() { --failures_; }

  // The rollout has ended: no limit is reached any more.
  void Close() { closed_ = true; }

  // Whether one more task may fail while `at_risk` others still can.
  bool HasRoom(uint32_t at_risk) const {
    return reached_ == Limit::kNone &&
           (max_failures_ == 0 ||
            uint64_t{failures_} + at_risk < max_failures_);
  }
  Limit reached() const { return reached_; }

 private:
  void Check() {
    if (closed_ || reached_ != Limit::kNone) return;
    if (max_failures_ != 0 && failures_ >= max_failures_) {
      reached_ = Limit::kMaxFailures;
    } else if (stop_after_ != 0 && failures_ >= stop_after_) {
      reached_ = Limit::kStopAfter;
    }
  }

  uint32_t stop_after_;
  uint32_t max_failures_;
  uint32_t failures_ = 0;
  Limit reached_ = Limit::kNone;
  bool closed_ = false;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_ROLLOUT_FAILURE_BUDGET_H_
