// A relay's core on an executor.
#ifndef COMMON_RELAY_RELAY_H_
#define COMMON_RELAY_RELAY_H_

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/executor.h"
#include "common/relay/core.h"

namespace tutti::relay {

// Gives the core its time, and has it send what is due once for all events that
// wait. On the executor's thread; destroy it after the executor has ended.
class Relay {
 public:
  // All must outlive it.
  Relay(const HostDescription& host, Executor& executor,
        ControllerPort& controller, RunnerPort& runner, SpoolSource& spool)
      : executor_(executor),
        core_(host, steady_clock_, controller, runner, spool) {}
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // The core, to be told of an event; it is flushed soon afterwards.
  Core& Tell();

  bool runner_ready() const { return core_.runner_ready(); }
  size_t attempt_count() const { return core_.attempt_count(); }

 private:
  void Flush();

  Executor& executor_;
  SteadyClock steady_clock_;
  Core core_;
  bool flush_posted_ = false;
  // When the timer that is set goes off.
  absl::Time timer_at_ = absl::InfiniteFuture();
};

}  // namespace tutti::relay

#endif  // COMMON_RELAY_RELAY_H_
