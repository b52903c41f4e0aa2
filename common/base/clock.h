// Time as a dependency, so that tests choose it.
#ifndef COMMON_BASE_CLOCK_H_
#define COMMON_BASE_CLOCK_H_

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace tutti {

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall-clock time; may jump.
  virtual absl::Time Now() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

}  // namespace tutti

#endif  // COMMON_BASE_CLOCK_H_
