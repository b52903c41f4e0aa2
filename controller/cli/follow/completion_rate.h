// How many tasks end in a second.
#ifndef CONTROLLER_CLI_FOLLOW_COMPLETION_RATE_H_
#define CONTROLLER_CLI_FOLLOW_COMPLETION_RATE_H_

#include <cstdint>
#include <deque>

#include "absl/time/time.h"

namespace tutti::cli {

// Looks back far enough to have seen some ends, and a minute at most. Not
// thread-safe.
class CompletionRate {
 public:
  // So long after the beginning `ended` tasks have ended. Times only grow.
  void Note(absl::Duration time, uint64_t ended);
  // By what was noted; 0 while too few have ended to tell.
  double per_second() const;

 private:
  struct Sample {
    absl::Duration time;
    uint64_t ended;
  };
  // The first is the oldest; the last is the newest, whatever its distance.
  std::deque<Sample> samples_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_COMPLETION_RATE_H_
