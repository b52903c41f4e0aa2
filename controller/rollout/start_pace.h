// When tasks whose turn has come start.
#ifndef CONTROLLER_ROLLOUT_START_PACE_H_
#define CONTROLLER_ROLLOUT_START_PACE_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace tutti::controller {

// Puts each task off by a random part of the splay, then lets them go at the
// start rate. A caller that asks late does not lower the rate: up to kCatchUp
// is made up for. So within any time T at most (T + kCatchUp) / interval + 1
// start. Times are of a clock that does not jump. Not thread-safe.
class StartPace {
 public:
  static constexpr absl::Duration kCatchUp = absl::Milliseconds(10);

  // Zero durations: at once. The same seed draws the same parts.
  StartPace(absl::Duration interval, absl::Duration splay, uint64_t seed)
      : interval_(interval), splay_(splay), seed_(seed) {}

  // From now on; a task that was put off stays so.
  void Set(absl::Duration interval, absl::Duration splay, absl::Time now);

  // The turn of `task` has come. One that is added twice comes twice.
  void Add(uint32_t task, absl::Time now);
  // The next task that may start, whatever the rate says; then, if it does
  // start, Started has to be called.
  std::optional<uint32_t> TakeDue(absl::Time now);
  bool MayStart(absl::Time now) const { return now >= next_start_; }
  void Started(absl::Time now);

  // When there will be something to start; absl::InfiniteFuture: never.
  absl::Time NextStart() const;

 private:
  using Delayed = std::pair<absl::Time, uint32_t>;

  absl::Duration interval_;
  absl::Duration splay_;
  const uint64_t seed_;
  absl::Time next_start_ = absl::InfinitePast();
  // Heap, earliest first.
  std::vector<Delayed> delayed_;
  std::deque<uint32_t> ready_;
};

}  // namespace tutti::controller

#endif  // CONTROLLER_ROLLOUT_START_PACE_H_
