// Hellos, and what is told to agents.
#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SessionsTest : public CoreFixture {};

TEST_F(SessionsTest, NewerSessionEndsTheOlder) {
  Enroll({"web01"});
  const controller::SessionId older = Connect("web01");
  const controller::SessionId newer = Connect("web01");
  EXPECT_THAT(effects_->ended_sessions[older],
              StatusIs(absl::StatusCode::kAborted, HasSubstr("newer session")));
  EXPECT_EQ(session("web01"), newer);
  core_->OnSessionClosed(older);
  EXPECT_EQ(session("web01"), newer);
}

TEST_F(SessionsTest, WrongKeyIsRefused) {
  Enroll({"web01"});
  core_->OnHello(7, {"web01", std::string(32, 'x'), ""}, {});
  EXPECT_THAT(effects_->ended_sessions[7],
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("")));
  EXPECT_EQ(session("web01"), 0u);
}

TEST_F(SessionsTest, UnknownAttemptsAreForgotten) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  Complete("web01");
  const v1::AttemptReport report =
      MakeReport("web01", v1::TASK_STATE_COMPLETED);
  TUTTI_ASSERT_OK(Remove(job));
  Connect("web01", {report});
  ASSERT_EQ(LastWelcome("web01").directives_size(), 1);
  EXPECT_EQ(LastWelcome("web01").directives(0).desired(),
            v1::DESIRED_STATE_FORGET);
}

TEST_F(SessionsTest, NothingComesBeforeTheWelcome) {
  Enroll({"web01"});
  ConnectAll();
  Start({"web01"});
  v1::AttemptReport report = MakeReport("web01", v1::TASK_STATE_RUNNING);
  AddOutput(report, kFirst, std::string(40'000, 'x'));
  const controller::SessionId session = Connect("web01", {report});
  Advance(absl::Seconds(1));
  ASSERT_FALSE(effects_->sent[session].empty());
  EXPECT_TRUE(effects_->sent[session][0].has_welcome());
}

TEST_F(SessionsTest, AcknowledgementsOfATenthOfASecondShareAMessage) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t first = Start({"web01"});
  const uint64_t second = Start({"web01"});
  for (uint64_t job : {first, second}) {
    v1::AttemptReport report = MakeReport("web01", v1::TASK_STATE_RUNNING, job);
    AddOutput(report, kFirst, "line\n");
    Report("web01", report);
  }
  EXPECT_THAT(TakeDirectives("web01"), IsEmpty());
  const size_t before = effects_->sent[session("web01")].size();
  Advance(absl::Seconds(1));
  EXPECT_EQ(effects_->sent[session("web01")].size(), before + 1);
  const auto directives = TakeDirectives("web01");
  ASSERT_THAT(directives, SizeIs(2));
  EXPECT_EQ(directives[0].acknowledged_position(), kFirst + 24 + 5);
  EXPECT_EQ(directives[0].credit_position(),
            kFirst + 24 + 5 + settings_.credit_bytes);
}

// Somebody corrects the time of day by an hour.
TEST_F(SessionsTest, AClockThatIsSetBackHoldsNothingUp) {
  Enroll({"web01", "web02"});
  ConnectAll();
  const uint64_t first = Start({"web01"});
  const uint64_t second = Start({"web02"});
  Complete("web01", "output", first);
  wall_clock_.Jump(-absl::Hours(1));
  Complete("web02", "output", second);
  Advance(absl::Seconds(2));
  for (const char* name : {"web01", "web02"}) {
    const auto directives = TakeDirectives(name);
    ASSERT_THAT(directives, SizeIs(1)) << name;
    EXPECT_EQ(directives[0].desired(), v1::DESIRED_STATE_FORGET);
  }
}

TEST_F(SessionsTest, HalfAWindowIsAcknowledgedAtOnce) {
  Enroll({"web01"});
  ConnectAll();
  Start({"web01"});
  v1::AttemptReport report = MakeReport("web01", v1::TASK_STATE_RUNNING);
  AddOutput(report, kFirst, std::string(8 << 10, 'x'));
  Report("web01", report);
  EXPECT_THAT(TakeDirectives("web01"), SizeIs(1));
}

TEST_F(SessionsTest, HalfTheCreditOfBulkIsAcknowledgedAtOnce) {
  Enroll({"web01"});
  ConnectAll();
  Start({"web01"});
  uint64_t position = kFirst;
  const std::string data(100'000, 'x');
  for (int i = 0; i < 5; ++i) {
    SendBulk("web01", position, data);
    position += 24 + data.size();
  }
  EXPECT_THAT(effects_->credits[session("web01")], IsEmpty());
  SendBulk("web01", position, data);
  EXPECT_THAT(effects_->credits[session("web01")], SizeIs(1));
  SendBulk("web01", position + 24 + data.size(), data);
  Advance(absl::Milliseconds(10));
  EXPECT_THAT(effects_->credits[session("web01")], SizeIs(2));
}

TEST_F(SessionsTest, DuplicatesAreDroppedByPosition) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  SendBulk("web01", kFirst, "hello");
  SendBulk("web01", kFirst, "hello");
  EXPECT_EQ(GetTask(job).stdout_bytes(), 5u);
}

TEST_F(SessionsTest, GapMakesTheAgentConnectAgain) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  const controller::SessionId before = session("web01");
  SendBulk("web01", kFirst, "hello");
  SendBulk("web01", 1000, "world");
  EXPECT_THAT(effects_->ended_sessions[before],
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("position 1000 where 45 was expected")));
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_DISCONNECTED);
  Connect("web01", {MakeReport("web01", v1::TASK_STATE_RUNNING)});
  EXPECT_EQ(LastWelcome("web01").directives(0).acknowledged_position(), 45u);
}

TEST_F(SessionsTest, WhatTheTargetLostCountsAsMissing) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  v1::AttemptReport report = MakeReport("web01", v1::TASK_STATE_RUNNING);
  report.set_start_position(1000);
  AddOutput(report, 1000, "rest");
  Report("web01", report);
  EXPECT_EQ(GetTask(job).stdout_bytes(), 4u);
  OpenWatch(1, job);
  EXPECT_EQ(Drain(1).output[0], "<1000 missing>rest");
}

// Bulk overtakes the reports of the session.
TEST_F(SessionsTest, WhatTheTargetLostIsAlsoToldWithBulk) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  v1::SendOutputRequest request;
  *request.mutable_key() = MakeReport("web01", v1::TASK_STATE_RUNNING).key();
  *request.add_output() = MakeChunk(1000, "rest");
  request.set_start_position(1000);
  core_->OnOutput(session("web01"), std::move(request));
  EXPECT_TRUE(effects_->ended_sessions.empty());
  OpenWatch(1, job);
  EXPECT_EQ(Drain(1).output[0], "<1000 missing>rest");
}

TEST_F(SessionsTest, TaskThatTheAgentDoesNotKnowIsSentAgain) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  Disconnect("web01");
  Connect("web01");
  EXPECT_EQ(AssignedCount("web01"), 1u);
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_ASSIGNED);
}

TEST_F(SessionsTest, TaskThatTheAgentKnowsIsNotSentAgain) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  Disconnect("web01");
  Connect("web01", {MakeReport("web01", v1::TASK_STATE_RUNNING)});
  EXPECT_EQ(AssignedCount("web01"), 0u);
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_RUNNING);
  EXPECT_FALSE(GetTask(job).has_link_lost_at());
}

// A controller with empty memory asks for everything again.
TEST_F(SessionsTest, RestartedControllerRefillsItselfFromTheAgent) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  SendBulk("web01", kFirst, "hello ");
  Restart();
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_DISCONNECTED);
  Connect("web01", {MakeReport("web01", v1::TASK_STATE_RUNNING)});
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_RUNNING);
  EXPECT_EQ(LastWelcome("web01").directives(0).acknowledged_position(), 0u);
  EXPECT_EQ(AssignedCount("web01"), 0u);
  SendBulk("web01", kFirst, "hello ");
  v1::AttemptReport end = MakeReport("web01", v1::TASK_STATE_COMPLETED);
  AddOutput(end, kFirst + 24 + 6, "world");
  Report("web01", end);
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(GetTask(job).stdout_bytes(), 11u);
}

TEST_F(SessionsTest, PendingTasksSurviveARestart) {
  Enroll({"web01", "web02"});
  ConnectAll();
  controller::PreparedJob prepared = Prepare({"web01", "web02"});
  prepared.request.set_fanout(1);
  const uint64_t job = Start(std::move(prepared));
  Restart();
  Connect("web02");
  EXPECT_EQ(StateOf(job, 1), v1::TASK_STATE_PENDING);
  Connect("web01", {MakeReport("web01", v1::TASK_STATE_COMPLETED)});
  EXPECT_EQ(StateOf(job, 0), v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(AssignedCount("web02"), 1u);
}

TEST_F(SessionsTest, RemovedAgentsTasksEnd) {
  Enroll({"web01", "web02"});
  ConnectAll();
  controller::PreparedJob prepared = Prepare({"web01", "web02"});
  prepared.request.set_fanout(1);
  const uint64_t job = Start(std::move(prepared));
  const controller::SessionId second = session("web02");
  for (const char* name : {"web02", "web01"}) {
    v1::RemoveAgentRequest request;
    request.set_name(name);
    core_->RemoveAgent(
        request, [](const auto& response) { EXPECT_THAT(response, IsOk()); });
    effects_->CommitAll();
  }
  EXPECT_TRUE(effects_->ended_sessions.contains(second));
  EXPECT_EQ(StateOf(job, 0), v1::TASK_STATE_UNKNOWN);
  EXPECT_EQ(StateOf(job, 1), v1::TASK_STATE_EXPIRED);
}

}  // namespace
}  // namespace tutti::testing
