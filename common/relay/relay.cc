#include "common/relay/relay.h"

namespace tutti::relay {

Core& Relay::Tell() {
  if (!flush_posted_) {
    flush_posted_ = true;
    executor_.Defer([this] {
      flush_posted_ = false;
      Flush();
    });
  }
  return core_;
}

void Relay::Flush() {
  core_.Flush();
  const absl::Time deadline = core_.NextDeadline();
  if (deadline >= timer_at_) return;
  timer_at_ = deadline;
  executor_.PostAfter(deadline - steady_clock_.Now(), [this, deadline] {
    // A shorter timer was set since, and sets the next one.
    if (deadline != timer_at_) return;
    timer_at_ = absl::InfiniteFuture();
    core_.OnTime();
    Flush();
  });
}

}  // namespace tutti::relay
