#include "agent/session/backoff.h"

#include <algorithm>

namespace tutti::agent {

absl::Duration Backoff::Next() {
  ceiling_ = std::clamp(ceiling_ * 2, first_, longest_);
  return Between(absl::ZeroDuration(), ceiling_);
}

absl::Duration Backoff::Between(absl::Duration low, absl::Duration high) {
  std::uniform_real_distribution<double> share(0, 1);
  return low + (high - low) * share(random_);
}

}  // namespace tutti::agent
