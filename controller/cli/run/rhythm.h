// When what is done again and again is due.
#ifndef CONTROLLER_CLI_RUN_RHYTHM_H_
#define CONTROLLER_CLI_RUN_RHYTHM_H_

#include <algorithm>
#include <cstdint>

#include "absl/time/time.h"

namespace tutti::cli {

// Counts from the first time, so that what takes long moves nothing. Not
// thread-safe.
class Rhythm {
 public:
  struct Beat {
    absl::Time at;
    // So many before it were passed over.
    int64_t left_out = 0;
  };

  // `every` is positive. By a clock that does not jump.
  Rhythm(absl::Time first, absl::Duration every)
      : first_(first), every_(every) {}

  // The next one after `now`.
  Beat Next(absl::Time now) {
    absl::Duration rest;
    const int64_t passed = absl::IDivDuration(now - first_, every_, &rest);
    const int64_t number = std::max(passed, last_) + 1;
    const Beat beat = {first_ + number * every_, number - last_ - 1};
    last_ = number;
    return beat;
  }

 private:
  const absl::Time first_;
  const absl::Duration every_;
  int64_t last_ = 0;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_RHYTHM_H_
