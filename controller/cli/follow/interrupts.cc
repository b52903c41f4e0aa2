#include "controller/cli/follow/interrupts.h"

#include "common/base/errors.h"

namespace tutti::cli {

using Action = InterruptAction;

absl::StatusOr<InterruptPolicy> ParseInterruptPolicy(std::string_view text) {
  if (text == "ask") return InterruptPolicy::kAsk;
  if (text == "stop") return InterruptPolicy::kStop;
  if (text == "detach") return InterruptPolicy::kDetach;
  return InvalidArgument("--on-interrupt: '{}' is none of ask, stop and detach",
                         text);
}

std::vector<Action> Interrupts::On(InterruptEvent event) {
  if (policy_ == InterruptPolicy::kLeave) {
    return {event == InterruptEvent::kHangUp ? Action::kDetachHungUp
                                             : Action::kDetach};
  }
  switch (event) {
    case InterruptEvent::kInterrupt:
      return HandleInterrupt();
    case InterruptEvent::kTerminate:
      if (state_ == State::kStopping) return {Action::kLeaveStopping};
      return Stop(/*by_interrupt=*/false);
    case InterruptEvent::kHangUp:
      if (state_ == State::kStopping) return {Action::kLeaveStopping};
      return Settle({Action::kDetachHungUp});
    case InterruptEvent::kAnswerStop:
    case InterruptEvent::kAnswerDetach:
    case InterruptEvent::kAnswerGoOn:
    case InterruptEvent::kNoAnswer:
      return HandleAnswer(event);
  }
  return {};
}

std::vector<Action> Interrupts::HandleInterrupt() {
  if (state_ == State::kStopping) return {Action::kLeaveStopping};
  if (state_ == State::kAsking) return Stop(/*by_interrupt=*/true);
  if (policy_ == InterruptPolicy::kDetach) return {Action::kDetach};
  if (policy_ == InterruptPolicy::kStop || !can_ask_) {
    return Stop(/*by_interrupt=*/true);
  }
  state_ = State::kAsking;
  return {Action::kHold, Action::kAsk};
}

std::vector<Action> Interrupts::HandleAnswer(InterruptEvent event) {
  if (state_ != State::kAsking) return {};
  switch (event) {
    case InterruptEvent::kAnswerStop:
      return Stop(/*by_interrupt=*/true);
    case InterruptEvent::kAnswerDetach:
      return Settle({Action::kDetach});
    case InterruptEvent::kNoAnswer:
      return Settle({Action::kDetachHungUp});
    default:
      return Settle({});
  }
}

std::vector<Action> Interrupts::Stop(bool by_interrupt) {
  stopped_by_interrupt_ = by_interrupt;
  const bool was_asking = state_ == State::kAsking;
  state_ = State::kStopping;
  if (was_asking) return {Action::kUnask, Action::kStop};
  return {Action::kStop};
}

std::vector<Action> Interrupts::Settle(std::vector<Action> actions) {
  if (state_ == State::kAsking) {
    actions.insert(actions.begin(), {Action::kUnask, Action::kRelease});
  }
  state_ = State::kFollowing;
  return actions;
}

}  // namespace tutti::cli
