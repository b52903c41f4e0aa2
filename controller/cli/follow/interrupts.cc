#include "controller/cli/follow/interrupts.h"

#include "common/base/errors.h"

namespace tutti::cli {

absl::StatusOr<InterruptPolicy> ParseInterruptPolicy(std::string_view text) {
  if (text == "ask") return InterruptPolicy::kAsk;
  if (text == "stop") return InterruptPolicy::kStop;
  if (text == "detach") return InterruptPolicy::kDetach;
  return InvalidArgument("--on-interrupt: '{}' is none of ask, stop and detach",
                         text);
}

std::vector<InterruptAction> Interrupts::On(InterruptEvent event) {
  if (policy_ == InterruptPolicy::kLeave) {
    return {event == InterruptEvent::kHangUp ? InterruptAction::kDetachHungUp
                                             : InterruptAction::kDetach};
  }
  switch (event) {
    case InterruptEvent::kInterrupt:
      return HandleInterrupt();
    case InterruptEvent::kTerminate:
      if (state_ == State::kStopping) return {InterruptAction::kLeaveStopping};
      return Stop(/*by_interrupt=*/false);
    case InterruptEvent::kHangUp:
      if (state_ == State::kStopping) return {InterruptAction::kLeaveStopping};
      return Settle({InterruptAction::kDetachHungUp});
    case InterruptEvent::kAnswerStop:
    case InterruptEvent::kAnswerDetach:
    case InterruptEvent::kAnswerGoOn:
    case InterruptEvent::kNoAnswer:
      return HandleAnswer(event);
  }
  return {};
}

std::vector<InterruptAction> Interrupts::HandleInterrupt() {
  if (state_ == State::kStopping) return {InterruptAction::kLeaveStopping};
  if (state_ == State::kAsking) return Stop(/*by_interrupt=*/true);
  if (policy_ == InterruptPolicy::kDetach) return {InterruptAction::kDetach};
  if (policy_ == InterruptPolicy::kStop || !can_ask_) {
    return Stop(/*by_interrupt=*/true);
  }
  state_ = State::kAsking;
  return {InterruptAction::kHold, InterruptAction::kAsk};
}

std::vector<InterruptAction> Interrupts::HandleAnswer(InterruptEvent event) {
  if (state_ != State::kAsking) return {};
  switch (event) {
    case InterruptEvent::kAnswerStop:
      return Stop(/*by_interrupt=*/true);
    case InterruptEvent::kAnswerDetach:
      return Settle({InterruptAction::kDetach});
    case InterruptEvent::kNoAnswer:
      return Settle({InterruptAction::kDetachHungUp});
    default:
      return Settle({});
  }
}

std::vector<InterruptAction> Interrupts::Stop(bool by_interrupt) {
  stopped_by_interrupt_ = by_interrupt;
  const bool was_asking = state_ == State::kAsking;
  state_ = State::kStopping;
  if (was_asking) return {InterruptAction::kUnask, InterruptAction::kStop};
  return {InterruptAction::kStop};
}

std::vector<InterruptAction> Interrupts::Settle(
    std::vector<InterruptAction> actions) {
  if (state_ == State::kAsking) {
    actions.insert(actions.begin(),
                   {InterruptAction::kUnask, InterruptAction::kRelease});
  }
  state_ = State::kFollowing;
  return actions;
}

}  // namespace tutti::cli
