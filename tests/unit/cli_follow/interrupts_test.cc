#include "controller/cli/follow/interrupts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace tutti::cli {
namespace {

using Action = InterruptAction;
using Event = InterruptEvent;
using Policy = InterruptPolicy;
using ::testing::Not;
using ::tutti::testing::IsOk;

struct Case {
  std::string name;
  Policy policy;
  bool can_ask;
  std::vector<Event> events;
  // Of all events together.
  std::vector<Action> actions;
  bool interrupted;
};

std::vector<Case> Cases() {
  return {
      {"first Ctrl-C holds and asks",
       Policy::kAsk,
       true,
       {Event::kInterrupt},
       {Action::kHold, Action::kAsk},
       false},
      {"second Ctrl-C stops",
       Policy::kAsk,
       true,
       {Event::kInterrupt, Event::kInterrupt},
       {Action::kHold, Action::kAsk, Action::kUnask, Action::kStop},
       true},
      {"third Ctrl-C leaves",
       Policy::kAsk,
       true,
       {Event::kInterrupt, Event::kInterrupt, Event::kInterrupt},
       {Action::kHold, Action::kAsk, Action::kUnask, Action::kStop,
        Action::kLeaveStopping},
       true},
      {"answer stop",
       Policy::kAsk,
       true,
       {Event::kInterrupt, Event::kAnswerStop},
       {Action::kHold, Action::kAsk, Action::kUnask, Action::kStop},
       true},
      {"answer detach lets the held ones go",
       Policy::kAsk,
       true,
       {Event::kInterrupt, Event::kAnswerDetach},
       {Action::kHold, Action::kAsk, Action::kUnask, Action::kRelease,
        Action::kDetach},
       false},
      {"answer go on, and Ctrl-C asks again",
       Policy::kAsk,
       true,
       {Event::kInterrupt, Event::kAnswerGoOn, Event::kInterrupt},
       {Action::kHold, Action::kAsk, Action::kUnask, Action::kRelease,
        Action::kHold, Action::kAsk},
       false},
      {"end of input at the question detaches",
       Policy::kAsk,
       true,
       {Event::kInterrupt, Event::kNoAnswer},
       {Action::kHold, Action::kAsk, Action::kUnask, Action::kRelease,
        Action::kDetachHungUp},
       false},
      {"hang-up at the question lets the held ones go",
       Policy::kAsk,
       true,
       {Event::kInterrupt, Event::kHangUp},
       {Action::kHold, Action::kAsk, Action::kUnask, Action::kRelease,
        Action::kDetachHungUp},
       false},
      {"terminate at the question stops",
       Policy::kAsk,
       true,
       {Event::kInterrupt, Event::kTerminate},
       {Action::kHold, Action::kAsk, Action::kUnask, Action::kStop},
       false},
      {"without a terminal Ctrl-C stops",
       Policy::kAsk,
       false,
       {Event::kInterrupt},
       {Action::kStop},
       true},
      {"SIGTERM stops, and is no Ctrl-C",
       Policy::kAsk,
       true,
       {Event::kTerminate},
       {Action::kStop},
       false},
      {"a second SIGTERM leaves",
       Policy::kAsk,
       false,
       {Event::kTerminate, Event::kTerminate},
       {Action::kStop, Action::kLeaveStopping},
       false},
      {"SIGHUP detaches",
       Policy::kAsk,
       true,
       {Event::kHangUp},
       {Action::kDetachHungUp},
       false},
      {"policy stop does not ask",
       Policy::kStop,
       true,
       {Event::kInterrupt, Event::kInterrupt},
       {Action::kStop, Action::kLeaveStopping},
       true},
      {"policy detach does not ask",
       Policy::kDetach,
       true,
       {Event::kInterrupt},
       {Action::kDetach},
       false},
      {"policy detach holds without a terminal",
       Policy::kDetach,
       false,
       {Event::kInterrupt},
       {Action::kDetach},
       false},
      {"policy detach still lets SIGTERM stop",
       Policy::kDetach,
       false,
       {Event::kTerminate},
       {Action::kStop},
       false},
      {"onlookers never touch the job",
       Policy::kLeave,
       true,
       {Event::kInterrupt, Event::kTerminate, Event::kHangUp},
       {Action::kDetach, Action::kDetach, Action::kDetachHungUp},
       false},
      {"an answer nobody asked for",
       Policy::kAsk,
       true,
       {Event::kAnswerStop},
       {},
       false},
  };
}

TEST(InterruptsTest, Table) {
  for (const Case& test : Cases()) {
    Interrupts interrupts(test.policy, test.can_ask);
    std::vector<Action> actions;
    for (const Event event : test.events) {
      for (const Action action : interrupts.On(event)) {
        actions.push_back(action);
      }
    }
    EXPECT_EQ(actions, test.actions) << test.name;
    EXPECT_EQ(interrupts.stopped_by_interrupt(), test.interrupted) << test.name;
  }
}

TEST(InterruptsTest, ParsesThePolicy) {
  EXPECT_EQ(ParseInterruptPolicy("detach").value(), Policy::kDetach);
  EXPECT_THAT(ParseInterruptPolicy("leave"), Not(IsOk()));
}

}  // namespace
}  // namespace tutti::cli
