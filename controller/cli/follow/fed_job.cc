// A job that is fed while it is followed.
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

void Follower::StopUnfed() {
  if (options_.input == nullptr || options_.input->delivered() ||
      options_.input->escaped() || interrupts_.stopping()) {
    return;
  }
  stopped_unfed_ = true;
  control_.Send(JobRequest::kStop);
}

}  // namespace tutti::cli
