// How many handshakes go on at once.
#ifndef CONTROLLER_LISTENER_HANDSHAKE_LIMIT_H_
#define CONTROLLER_LISTENER_HANDSHAKE_LIMIT_H_

#include <cstddef>
#include <deque>

#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace tutti::controller {

// When a whole fleet comes back at once and all handshakes run side by side,
// each takes longer than its client waits, and none succeeds. Counts the ones
// that began and did not end; which of them ended can not be told, so it is
// the oldest. One that says nothing for `patience` is no longer counted, or
// silent strangers would keep everybody out. Thread-safe.
class HandshakeLimit {
 public:
  HandshakeLimit(size_t limit, absl::Duration patience)
      : limit_(limit), patience_(patience) {}

  void Begin(absl::Time now);
  void End();
  bool IsReached(absl::Time now);

 private:
  const size_t limit_;
  const absl::Duration patience_;

  Mutex mutex_;
  // When each began, oldest first.
  std::deque<absl::Time> begun_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tutti::controller

#endif  // CONTROLLER_LISTENER_HANDSHAKE_LIMIT_H_
