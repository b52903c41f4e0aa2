#include "controller/rollout/canary.h"

#include <utility>

namespace tutti::controller {

void Canary::Set(uint32_t size, absl::Duration wait) {
  wait_ = wait;
  if (std::exchange(size_, size) == size) return;
  if (size == 0) return Approve();
  stage_ = Stage::kStarting;
}

void Canary::AddStarted() {
  ++started_;
  if (started_ > size_) stage_ = Stage::kPassed;
}

void Canary::Update(absl::Time now, uint32_t in_flight) {
  if (stage_ == Stage::kStarting && started_ >= size_ && in_flight == 0) {
    stage_ = failed_ ? Stage::kBlocked : Stage::kWaiting;
    ended_at_ = now;
  }
  if (NextUpdate() <= now) stage_ = Stage::kPassed;
}

}  // namespace tutti::controller
