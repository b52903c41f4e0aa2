// Whether a task would start: from the controller to the runner and back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/unit/relay/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class CoreChecksTest : public CoreTest {
 protected:
  void Ask() {
    v1::SessionResponse message;
    *message.mutable_assign()->mutable_key() = Key();
    message.mutable_assign()->set_envelope("signed");
    message.mutable_assign()->set_check_only(true);
    core_.OnSessionMessage(std::move(message));
    core_.Flush();
  }
  void Answer(const std::string& refusal) {
    runner::v1::RunnerMessage message;
    *message.mutable_verdict()->mutable_key() = Key();
    message.mutable_verdict()->set_refusal(refusal);
    core_.OnRunnerMessage(std::move(message));
    core_.Flush();
  }
};

TEST_F(CoreChecksTest, GoesToTheRunnerAndBackAndLeavesNoTrace) {
  Connect();
  Ask();
  ASSERT_THAT(runner_.messages, SizeIs(1));
  EXPECT_TRUE(runner_.messages[0].check_only);
  EXPECT_EQ(runner_.messages[0].envelope, "signed");
  Answer("no user 'bob'");
  ASSERT_THAT(controller_.session, SizeIs(1));
  const v1::AgentReport& report = controller_.session[0].report();
  ASSERT_EQ(report.verdicts_size(), 1);
  EXPECT_EQ(report.verdicts(0).key().target(), "web01");
  EXPECT_EQ(report.verdicts(0).refusal(), "no user 'bob'");
  EXPECT_EQ(core_.attempt_count(), 0u);
  // Nobody waits for another one.
  Answer("");
  EXPECT_THAT(controller_.session, SizeIs(1));
}

// If this fails, a job waits for ever for a target whose runner was restarted.
TEST_F(CoreChecksTest, IsAskedAgainOfARunnerThatComesBack) {
  OpenSession();
  controller_.session.clear();
  Ask();
  EXPECT_THAT(runner_.messages, IsEmpty());
  ConnectRunner();
  EndListing();
  ASSERT_THAT(runner_.messages, SizeIs(1));
  core_.OnRunnerLost();
  ConnectRunner();
  EndListing();
  ASSERT_THAT(runner_.messages, SizeIs(2));
  EXPECT_TRUE(runner_.messages[1].check_only);
  Answer("");
  EXPECT_THAT(controller_.session, SizeIs(1));
}

TEST_F(CoreChecksTest, EndsWithTheSession) {
  Connect();
  Ask();
  core_.OnSessionClosed();
  runner_.messages.clear();
  Connect();
  Answer("");
  EXPECT_THAT(runner_.messages, IsEmpty());
  EXPECT_THAT(controller_.session, IsEmpty());
}

TEST_F(CoreChecksTest, AnAssignmentTakesItsPlace) {
  Connect();
  Ask();
  Assign();
  ASSERT_THAT(runner_.messages, SizeIs(2));
  EXPECT_FALSE(runner_.messages[1].check_only);
  Answer("");
  EXPECT_THAT(controller_.session, IsEmpty());
  State(v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(OnlyReport().status().state(), v1::TASK_STATE_COMPLETED);
}

}  // namespace
}  // namespace tutti::testing
