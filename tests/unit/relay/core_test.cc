// The agent's rules about attempts, the session and the runner, one by one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/unit/relay/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(CoreTest, ACommandWithoutOutputCostsOneMessageAndNoRead) {
  Connect();
  Assign();
  EXPECT_THAT(runner_.messages, SizeIs(1));
  EXPECT_THAT(controller_.session, IsEmpty());
  State(v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(OnlyReport().status().state(), v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(spool_.reads, 0);
}

TEST_F(CoreTest, ChangedAttributesAreToldOnceAndByEachHello) {
  (*host_.attributes.mutable_labels())["site"] = "berlin";
  core_.OnSessionOpened();
  EXPECT_EQ(
      controller_.session.front().hello().attributes().labels().at("site"),
      "berlin");
  core_.OnAttributesChanged();
  core_.Flush();
  EXPECT_THAT(controller_.session, SizeIs(1)) << "before the welcome";
  v1::SessionResponse welcome;
  welcome.mutable_welcome();
  core_.OnSessionMessage(welcome);
  core_.Flush();
  core_.Flush();
  ASSERT_THAT(controller_.session, SizeIs(2));
  EXPECT_TRUE(controller_.session.back().report().has_attributes());
}

TEST_F(CoreTest, AWelcomeMaySendBackToTheBeginning) {
  Connect();
  Assign();
  Write(1000);
  State(v1::TASK_STATE_RUNNING);
  Direct(v1::DESIRED_STATE_RUN, spool_.End(Key()));
  core_.OnSessionClosed();
  controller_.session.clear();

  core_.OnSessionOpened();
  ASSERT_THAT(controller_.session, SizeIs(1));
  EXPECT_EQ(controller_.session.front().hello().attempts_size(), 1);
  controller_.session.clear();
  v1::SessionResponse message;
  *message.mutable_welcome()->add_directives() =
      Directive(v1::DESIRED_STATE_RUN, 0, 1 << 20);
  core_.OnSessionMessage(std::move(message));
  core_.Flush();
  const v1::AttemptReport report = OnlyReport();
  ASSERT_EQ(report.output_size(), 1);
  EXPECT_EQ(report.output(0).position(), kLogHeaderBytes);
}

TEST_F(CoreTest, TheHelloDoesNotCallFinalWhatHasOutputToSend) {
  ConnectRunner();
  Write(100);
  State(v1::TASK_STATE_COMPLETED);
  State(v1::TASK_STATE_REFUSED, Key("empty"));
  EndListing();
  core_.OnSessionOpened();
  ASSERT_THAT(controller_.session, SizeIs(1));
  for (const auto& report : controller_.session.front().hello().attempts()) {
    EXPECT_EQ(report.status().state(), report.key().target() == "empty"
                                           ? v1::TASK_STATE_REFUSED
                                           : v1::TASK_STATE_RUNNING);
  }
}

TEST_F(CoreTest, ForgetReleasesAtTheRunner) {
  Connect();
  Assign();
  State(v1::TASK_STATE_COMPLETED);
  Direct(v1::DESIRED_STATE_FORGET, 0);
  ASSERT_THAT(runner_.messages, SizeIs(2));
  EXPECT_EQ(runner_.messages.back().verb, Verb::kRelease);
  EXPECT_EQ(core_.attempt_count(), 0u);
}

TEST_F(CoreTest, ForgetWaitsForARunnerThatIsAway) {
  Connect();
  Assign();
  State(v1::TASK_STATE_COMPLETED);
  core_.OnRunnerLost();
  runner_.messages.clear();
  Direct(v1::DESIRED_STATE_FORGET, 0);
  EXPECT_THAT(runner_.messages, IsEmpty());
  ConnectRunner();
  State(v1::TASK_STATE_COMPLETED);
  EndListing();
  ASSERT_THAT(runner_.messages, SizeIs(1));
  EXPECT_EQ(runner_.messages.back().verb, Verb::kRelease);
  EXPECT_EQ(core_.attempt_count(), 0u);
}

TEST_F(CoreTest, AnAssignmentWaitsForARunnerThatIsAway) {
  OpenSession();
  Assign();
  EXPECT_THAT(runner_.messages, IsEmpty());
  ConnectRunner();
  EXPECT_THAT(runner_.messages, IsEmpty());
  EndListing();
  ASSERT_THAT(runner_.messages, SizeIs(1));
  EXPECT_EQ(runner_.messages.front().verb, Verb::kStart);
  EXPECT_EQ(runner_.messages.front().envelope, "signed");
}

TEST_F(CoreTest, AnAssignmentThatIsKnownIsAnsweredAndNotStartedAgain) {
  Connect();
  Assign();
  State(v1::TASK_STATE_COMPLETED);
  controller_.session.clear();
  Assign();
  EXPECT_THAT(runner_.messages, SizeIs(1));
  EXPECT_EQ(OnlyReport().status().state(), v1::TASK_STATE_COMPLETED);
}

TEST_F(CoreTest, AnAttemptThatTheRunnerLostIsUnknown) {
  Connect();
  Assign();
  State(v1::TASK_STATE_RUNNING);
  controller_.session.clear();
  core_.OnRunnerLost();
  ConnectRunner();
  EndListing();
  const v1::AttemptReport report = OnlyReport();
  EXPECT_EQ(report.status().state(), v1::TASK_STATE_UNKNOWN);
  EXPECT_THAT(report.status().outcome().reason(), HasSubstr("ledger"));
}

TEST_F(CoreTest, AttemptsThatTheHelloDidNotNameWantAnotherHello) {
  OpenSession();
  ConnectRunner();
  State(v1::TASK_STATE_RUNNING);
  EndListing();
  EXPECT_FALSE(controller_.restart.ok());
}

TEST_F(CoreTest, AFullSessionQueueHoldsReportsBack) {
  Connect();
  controller_.session_room = 1;
  Assign(Key("a"));
  Assign(Key("b"));
  State(v1::TASK_STATE_RUNNING, Key("a"));
  State(v1::TASK_STATE_RUNNING, Key("b"));
  State(v1::TASK_STATE_COMPLETED, Key("b"));
  EXPECT_THAT(controller_.session, SizeIs(1));
  controller_.session.clear();
  core_.OnSessionWritable();
  core_.Flush();
  const v1::AttemptReport report = OnlyReport();
  EXPECT_EQ(report.key().target(), "b");
  EXPECT_EQ(report.status().state(), v1::TASK_STATE_COMPLETED);
}

}  // namespace
}  // namespace tutti::testing
