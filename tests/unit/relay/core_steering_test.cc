// What the agent tells the runner of stopping and suspending.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <utility>
#include <vector>

#include "common/base/duration.h"
#include "tests/unit/relay/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CoreSteeringTest : public CoreTest {
 protected:
  void Stop(absl::Duration grace) {
    v1::AttemptDirective directive = Directive(v1::DESIRED_STATE_STOP, 0, 0);
    directive.mutable_stop()->set_signal(SIGINT);
    *directive.mutable_stop()->mutable_grace() = ToProto(grace);
    Direct(directive);
  }
  void RestartRunner(v1::TaskState state) {
    core_.OnRunnerLost();
    ConnectRunner();
    State(state);
    EndListing();
  }

  // What the runner was told of suspending since the last call: true, to
  // suspend.
  std::vector<bool> TakeSuspends() {
    std::vector<bool> suspends;
    for (const auto& message : std::exchange(runner_.messages, {})) {
      if (message.verb == Verb::kSuspend) suspends.push_back(message.suspend);
    }
    return suspends;
  }
};

TEST_F(CoreSteeringTest, AStopBeforeTheRunnerCameBackEndsWithoutAStart) {
  OpenSession();
  controller_.session.clear();
  Assign();
  Direct(v1::DESIRED_STATE_STOP, 0);
  ConnectRunner();
  EndListing();
  EXPECT_THAT(runner_.messages, IsEmpty());
  EXPECT_EQ(OnlyReport().status().state(), v1::TASK_STATE_STOPPED);
}

// The bulk stream and the session have no order between them: an older RUN
// must not undo a newer SUSPEND.
TEST_F(CoreSteeringTest, BulkOnlyAcknowledges) {
  Connect();
  Assign();
  State(v1::TASK_STATE_RUNNING);
  Direct(v1::DESIRED_STATE_SUSPEND, 0);
  EXPECT_THAT(TakeSuspends(), ElementsAre(true));
  DirectOverBulk(Directive(v1::DESIRED_STATE_RUN, 0, 0));
  EXPECT_THAT(TakeSuspends(), IsEmpty());
  Direct(v1::DESIRED_STATE_RUN, 0);
  EXPECT_THAT(TakeSuspends(), ElementsAre(false));
}

TEST_F(CoreSteeringTest, AStopGoesOnWithItsRuleAndAgainWhenItIsShorter) {
  Connect();
  Assign();
  State(v1::TASK_STATE_RUNNING);
  runner_.messages.clear();
  Stop(absl::Seconds(10));
  Stop(absl::Seconds(10));
  Stop(absl::Seconds(20));
  ASSERT_THAT(runner_.messages, SizeIs(1));
  EXPECT_EQ(runner_.messages.back().rule.signal(), SIGINT);
  EXPECT_EQ(runner_.messages.back().rule.grace().seconds(), 10);
  Stop(absl::Seconds(2));
  ASSERT_THAT(runner_.messages, SizeIs(2));
  EXPECT_EQ(runner_.messages.back().rule.grace().seconds(), 2);
  // A runner that was away has forgotten it.
  RestartRunner(v1::TASK_STATE_RUNNING);
  ASSERT_THAT(runner_.messages, SizeIs(3));
  EXPECT_EQ(runner_.messages.back().verb, Verb::kStop);
  EXPECT_EQ(runner_.messages.back().rule.grace().seconds(), 2);
}

// Acknowledgements say what is desired as well: they must not cost the runner
// a message each.
TEST_F(CoreSteeringTest, TheRunnerIsToldToSuspendAndToGoOnOnce) {
  Connect();
  Assign();
  State(v1::TASK_STATE_RUNNING);
  Direct(v1::DESIRED_STATE_RUN, 0);
  EXPECT_THAT(TakeSuspends(), IsEmpty());
  Direct(v1::DESIRED_STATE_SUSPEND, 0);
  Direct(v1::DESIRED_STATE_SUSPEND, 0);
  EXPECT_THAT(TakeSuspends(), ElementsAre(true));
  controller_.session.clear();
  State(v1::TASK_STATE_SUSPENDED);
  EXPECT_EQ(OnlyReport().status().state(), v1::TASK_STATE_SUSPENDED);
  Direct(v1::DESIRED_STATE_RUN, 0);
  State(v1::TASK_STATE_RUNNING);
  Direct(v1::DESIRED_STATE_RUN, 0);
  EXPECT_THAT(TakeSuspends(), ElementsAre(false));
  EXPECT_EQ(OnlyReport().status().state(), v1::TASK_STATE_RUNNING);
}

// Otherwise it would stand still for ever: nothing else follows.
TEST_F(CoreSteeringTest, AChangeOfMindBeforeTheRunnerAnsweredIsPassedOn) {
  Connect();
  Assign();
  State(v1::TASK_STATE_RUNNING);
  Direct(v1::DESIRED_STATE_SUSPEND, 0);
  Direct(v1::DESIRED_STATE_RUN, 0);
  EXPECT_THAT(TakeSuspends(), ElementsAre(true, false));
}

TEST_F(CoreSteeringTest, ARunnerThatWasAwayIsToldAgainToSuspend) {
  Connect();
  Assign();
  State(v1::TASK_STATE_RUNNING);
  Direct(v1::DESIRED_STATE_SUSPEND, 0);
  TakeSuspends();
  RestartRunner(v1::TASK_STATE_RUNNING);
  EXPECT_THAT(TakeSuspends(), ElementsAre(true));
  core_.OnRunnerLost();
  Direct(v1::DESIRED_STATE_RUN, 0);
  RestartRunner(v1::TASK_STATE_SUSPENDED);
  EXPECT_THAT(TakeSuspends(), ElementsAre(false));
}

TEST_F(CoreSteeringTest, AnAssignmentThatWaitedIsSuspendedOnceItIsStarted) {
  OpenSession();
  Assign();
  Direct(v1::DESIRED_STATE_SUSPEND, 0);
  ConnectRunner();
  EndListing();
  ASSERT_THAT(runner_.messages, SizeIs(2));
  EXPECT_EQ(runner_.messages.front().verb, Verb::kStart);
  EXPECT_EQ(runner_.messages.back().verb, Verb::kSuspend);
  EXPECT_TRUE(runner_.messages.back().suspend);
}

// An agent that was restarted does not know what was desired.
TEST_F(CoreSteeringTest,
       WhatIsSuspendedGoesOnWhenTheControllerSaysSoAndNotBefore) {
  ConnectRunner();
  State(v1::TASK_STATE_SUSPENDED);
  EndListing();
  OpenSession();
  EXPECT_THAT(TakeSuspends(), IsEmpty());
  Direct(v1::DESIRED_STATE_RUN, 0);
  EXPECT_THAT(TakeSuspends(), ElementsAre(false));
}

// What it was told by an agent before this one takes effect only once the task
// runs, and the controller has said that it is to run by then.
TEST_F(CoreSteeringTest, WhatIsSuspendedAfterTheControllerSaidRunGoesOn) {
  ConnectRunner();
  State(v1::TASK_STATE_ASSIGNED);
  EndListing();
  OpenSession();
  Direct(v1::DESIRED_STATE_RUN, 0);
  EXPECT_THAT(TakeSuspends(), IsEmpty());
  State(v1::TASK_STATE_SUSPENDED);
  State(v1::TASK_STATE_SUSPENDED);
  EXPECT_THAT(TakeSuspends(), ElementsAre(false));
}

// Whoever wants it killed at once does not want ten seconds of grace instead.
TEST_F(CoreSteeringTest, NoGraceTimeIsLessThanThatOfTheSpec) {
  Connect();
  Assign();
  State(v1::TASK_STATE_RUNNING);
  runner_.messages.clear();
  Stop(absl::ZeroDuration());
  Direct(v1::DESIRED_STATE_STOP, 0);
  ASSERT_THAT(runner_.messages, SizeIs(1));
  RestartRunner(v1::TASK_STATE_RUNNING);
  ASSERT_THAT(runner_.messages, SizeIs(2));
  EXPECT_TRUE(runner_.messages.back().rule.has_grace());
}

TEST_F(CoreSteeringTest, WhatIsBeingEndedIsNotSuspended) {
  Connect();
  Assign();
  State(v1::TASK_STATE_RUNNING);
  Stop(absl::Seconds(10));
  Direct(v1::DESIRED_STATE_SUSPEND, 0);
  EXPECT_THAT(TakeSuspends(), IsEmpty());
  RestartRunner(v1::TASK_STATE_RUNNING);
  EXPECT_EQ(runner_.messages.back().verb, Verb::kStop);
}

}  // namespace
}  // namespace tutti::testing
