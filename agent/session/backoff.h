// How long to wait before trying again.
#ifndef AGENT_SESSION_BACKOFF_H_
#define AGENT_SESSION_BACKOFF_H_

#include <cstdint>
#include <random>

#include "absl/time/time.h"

namespace tutti::agent {

// Exponential with full jitter: each wait is uniform between nothing and a
// ceiling that doubles, so that a fleet that lost its controller does not come
// back all at once. Not thread-safe.
class Backoff {
 public:
  Backoff(absl::Duration first, absl::Duration longest, uint32_t seed)
      : first_(first), longest_(longest), random_(seed) {}

  absl::Duration Next();
  void Reset() { ceiling_ = absl::ZeroDuration(); }
  // Uniform between the two.
  absl::Duration Between(absl::Duration low, absl::Duration high);

 private:
  absl::Duration first_;
  absl::Duration longest_;
  absl::Duration ceiling_;
  std::minstd_rand random_;
};

}  // namespace tutti::agent

#endif  // AGENT_SESSION_BACKOFF_H_
