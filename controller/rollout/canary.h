// The first tasks of a rollout, on which the others depend.
#ifndef CONTROLLER_ROLLOUT_CANARY_H_
#define CONTROLLER_ROLLOUT_CANARY_H_

#include <cstdint>

#include "absl/time/time.h"
#include "tutti/v1/task.pb.h"

namespace tutti::controller {

// The first `size` tasks that start. When all of them have completed and `wait`
// has passed, the others follow; when one has not, they wait for Approve. Times
// are of a clock that does not jump. It is told of all tasks, whether it has
// passed or not. Not thread-safe.
class Canary {
 public:
  // 0: the others need not wait.
  Canary(uint32_t size, absl::Duration wait)
      : size_(size),
        wait_(wait),
        stage_(size == 0 ? Stage::kPassed : Stage::kStarting) {}

  // From now on; what has started belongs to it. Another size, no smaller than
  // that, begins it anew, and 0 is an approval.
  void Set(uint32_t size, absl::Duration wait);

  // The others may start.
  bool passed() const { return stage_ == Stage::kPassed; }
  // One did not complete, and nobody has approved of it.
  bool blocked() const { return stage_ == Stage::kBlocked; }
  bool has_place() const {
    return stage_ == Stage::kStarting && started_ < size_;
  }
  // Tasks that have a place in it, or after it.
  uint32_t started() const { return started_; }

  // A task takes a place, gives it back without having started, or ends (also:
  // is lost).
  void Take() { ++started_; }
  void GiveBack() { --started_; }
  void End(v1::TaskState state) {
    if (state != v1::TASK_STATE_COMPLETED) failed_ = true;
  }
  // A task had started before the controller did: it was one of the canary, or
  // that had passed.
  void AddStarted();

  // Goes on when all have ended: none of `in_flight` is left.
  void Update(absl::Time now, uint32_t in_flight);
  // All of it have started, and the others wait.
  bool MayApprove() const {
    return stage_ == Stage::kWaiting || stage_ == Stage::kBlocked;
  }
  void Approve() {
    stage_ = Stage::kPassed;
    failed_ = false;
  }
  // When Update has something to do because time has passed;
  // absl::InfiniteFuture: never.
  absl::Time NextUpdate() const {
    return stage_ == Stage::kWaiting ? ended_at_ + wait_
                                     : absl::InfiniteFuture();
  }

 private:
  enum class Stage : uint8_t { kStarting, kWaiting, kBlocked, kPassed };

  uint32_t size_;
  absl::Duration wait_;
  Stage stage_;
  uint32_t started_ = 0;
  bool failed_ = false;
  // With kWaiting.
  absl::Time ended_at_ = absl::InfinitePast();
};

}  // namespace tutti::controller

#endif  // CONTROLLER_ROLLOUT_CANARY_H_
