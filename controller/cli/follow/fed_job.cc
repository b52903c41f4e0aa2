// A job that is fed, or whose files are taken, while it is followed.
#include <string>

#include "controller/cli/follow/follower.h"

namespace tutti::cli {

void Follower::TakeInput() {
  if (options_.input == nullptr) return;
  options_.input->ClearWake();
  for (const std::string& notice : options_.input->TakeNotices()) Say(notice);
  if (options_.input->failed() && !interrupts_.stopping()) {
    On(InterruptEvent::kTerminate);
  }
  if (options_.input->escaped() && !leaving_) {
    control_.Send(JobRequest::kStop);
    Leave(LeaveReason::kLeftStopping);
  }
}

void Follower::StopAlone() {
  const bool is_unfed = options_.input != nullptr &&
                        !options_.input->delivered() &&
                        !options_.input->escaped();
  if (interrupts_.stopping() || (!is_unfed && !options_.needs_reader)) return;
  stopped_alone_ = true;
  control_.Send(JobRequest::kStop);
}

}  // namespace tutti::cli
