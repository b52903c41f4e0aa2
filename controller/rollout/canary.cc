#include "controller/rollout/canary.h"

namespace tutti::controller {

void Canary::AddStarted() {
  if (passed()) return;
  if (left_ == 0) {
    stage_ = Stage::kPassed;
  } else {
    --left_;
  }
}

void Canary::Update(absl::Time now, uint32_t in_flight) {
  if (stage_ == Stage::kStarting && left_ == 0 && in_flight == 0) {
    stage_ = failed_ ? Stage::kBlocked : Stage::kWaiting;
    passes_at_ = now + wait_;
  }
  if (stage_ == Stage::kWaiting && passes_at_ <= now) stage_ = Stage::kPassed;
}

}  // namespace tutti::controller
