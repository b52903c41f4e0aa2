// How far a copy is, as lines of JSON.
#ifndef COPY_PROGRESS_H_
#define COPY_PROGRESS_H_

#include <cstdint>

#include "absl/time/time.h"
#include "common/base/clock.h"

namespace tutti::copy {

// {"progress":0.42,"message":"12 of 40 files, 3.1 MiB/s"}, a few a second at
// most. A reader that has gone is no reason to end a copy: then it is silent.
// Not thread-safe.
class Progress {
 public:
  // `fd` is borrowed; -1: silent.
  Progress(int fd, const Clock& clock) : fd_(fd), clock_(clock) {}

  void Begin(uint64_t files, uint64_t bytes);
  // So much more is done.
  void OnFile();
  void OnBytes(uint64_t bytes);

 private:
  void Say();

  int fd_;
  const Clock& clock_;
  uint64_t files_ = 0;
  uint64_t bytes_ = 0;
  uint64_t files_done_ = 0;
  uint64_t bytes_done_ = 0;
  absl::Time begun_;
  absl::Time said_;
};

}  // namespace tutti::copy

#endif  // COPY_PROGRESS_H_
