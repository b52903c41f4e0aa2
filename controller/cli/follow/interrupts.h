// What Ctrl-C and its relatives do to a job that is being followed.
#ifndef CONTROLLER_CLI_FOLLOW_INTERRUPTS_H_
#define CONTROLLER_CLI_FOLLOW_INTERRUPTS_H_

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti::cli {

// --on-interrupt: what the first Ctrl-C does. Where nobody can be asked, kAsk
// stops the job. Those who only look on (kLeave) never change the job.
enum class InterruptPolicy { kAsk, kStop, kDetach, kLeave };

// "ask", "stop", "detach".
absl::StatusOr<InterruptPolicy> ParseInterruptPolicy(std::string_view text);

enum class InterruptEvent {
  kInterrupt,   // SIGINT
  kTerminate,   // SIGTERM
  kHangUp,      // SIGHUP
  kAnswerStop,  // to the question
  kAnswerDetach,
  kAnswerGoOn,
  kNoAnswer,  // whoever was asked is gone (end of input)
};

enum class InterruptAction {
  kHold,     // hold back new starts
  kRelease,  // let them go on
  kAsk,      // stop, detach, go on?
  kUnask,    // the question is settled: take it from the screen
  kStop,     // stop the job
  // Leave; the job goes on.
  kDetach,
  kDetachHungUp,
  // Leave; the controller goes on stopping.
  kLeaveStopping,
};

// The rules as one table; knows nothing of signals, terminals or calls. Not
// thread-safe.
class Interrupts {
 public:
  // `can_ask`: somebody sits at a terminal.
  Interrupts(InterruptPolicy policy, bool can_ask)
      : policy_(policy), can_ask_(can_ask) {}

  // What to do, in order.
  std::vector<InterruptAction> On(InterruptEvent event);

  bool asking() const { return state_ == State::kAsking; }
  bool stopping() const { return state_ == State::kStopping; }
  // Ctrl-C stopped the job: exit status 130.
  bool stopped_by_interrupt() const { return stopped_by_interrupt_; }

 private:
  enum class State { kFollowing, kAsking, kStopping };

  std::vector<InterruptAction> HandleInterrupt();
  std::vector<InterruptAction> HandleAnswer(InterruptEvent event);
  std::vector<InterruptAction> Stop(bool by_interrupt);
  // Back to following, and then `actions`.
  std::vector<InterruptAction> Settle(std::vector<InterruptAction> actions);

  const InterruptPolicy policy_;
  const bool can_ask_;
  State state_ = State::kFollowing;
  bool stopped_by_interrupt_ = false;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_INTERRUPTS_H_
