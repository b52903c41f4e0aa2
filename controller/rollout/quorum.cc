#include "controller/rollout/quorum.h"

#include <utility>

namespace tutti::controller {

void Quorum::Set(uint32_t needed) {
  if (!open()) return;
  needed_ = needed;
  Check();
}

void Quorum::Check() {
  if (accepted_ >= needed_) {
    stage_ = Stage::kReached;
  } else if (tasks_ - over_ < needed_) {
    stage_ = Stage::kOutOfReach;
  }
}

void Quorum::Connect(uint32_t task) {
  if (!open() || answers_[task] != Answer::kAway) return;
  answers_[task] = Answer::kToAsk;
  to_ask_.push_back(task);
}

void Quorum::Disconnect(uint32_t task) {
  if (!open() || answers_[task] == Answer::kOver) return;
  if (answers_[task] == Answer::kAccepted) --accepted_;
  answers_[task] = Answer::kAway;
}

std::vector<uint32_t> Quorum::TakeToAsk() {
  std::vector<uint32_t> asked;
  for (const uint32_t task : std::exchange(to_ask_, {})) {
    if (!open() || answers_[task] != Answer::kToAsk) continue;
    answers_[task] = Answer::kAsked;
    asked.push_back(task);
  }
  return asked;
}

void Quorum::Accept(uint32_t task) {
  if (!open() || answers_[task] != Answer::kAsked) return;
  answers_[task] = Answer::kAccepted;
  ++accepted_;
  Check();
}

void Quorum::End(uint32_t task) {
  if (!open() || answers_[task] == Answer::kOver) return;
  if (answers_[task] == Answer::kAccepted) --accepted_;
  answers_[task] = Answer::kOver;
  ++over_;
  Check();
}

}  // namespace tutti::controller
