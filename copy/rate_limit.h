// So many bytes a second, and no more.
#ifndef COPY_RATE_LIMIT_H_
#define COPY_RATE_LIMIT_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

#include "absl/time/time.h"
#include "common/base/clock.h"

namespace tutti::copy {

// Keeps the mean: what was taken pushes the next time to ask back by as long
// as it may last. Not thread-safe.
class RateLimit {
 public:
  // 0: no limit. `clock` does not jump; `sleep` waits for that long.
  RateLimit(uint64_t bytes_per_second, const Clock& clock,
            std::function<void(absl::Duration)> sleep)
      : bytes_per_second_(bytes_per_second),
        clock_(clock),
        sleep_(std::move(sleep)),
        free_at_(clock.Now()) {}

  // `bytes` came.
  void Take(uint64_t bytes) {
    if (bytes_per_second_ == 0) return;
    free_at_ = std::max(free_at_, clock_.Now()) +
               absl::Seconds(static_cast<double>(bytes) /
                             static_cast<double>(bytes_per_second_));
  }
  // Returns when more may be asked for.
  void Wait() {
    const absl::Duration left = free_at_ - clock_.Now();
    if (left > absl::ZeroDuration()) sleep_(left);
  }
  // How much of `window` bytes to have under way, so that they come evenly.
  uint64_t Within(uint64_t window) const {
    return bytes_per_second_ == 0 ? window
                                  : std::min(window, bytes_per_second_);
  }

 private:
  const uint64_t bytes_per_second_;
  const Clock& clock_;
  const std::function<void(absl::Duration)> sleep_;
  absl::Time free_at_;
};

}  // namespace tutti::copy

#endif  // COPY_RATE_LIMIT_H_
