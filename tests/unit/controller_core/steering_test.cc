// Hold, stop, remove.
#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class SteeringTest : public CoreFixture {
 protected:
  uint64_t StartOneByOne(const std::vector<std::string>& targets) {
    controller::PreparedJob prepared = Prepare(targets);
    prepared.request.set_fanout(1);
    return Start(std::move(prepared));
  }
};

TEST_F(SteeringTest, StopSkipsWhatWaitsAndEndsWhatRuns) {
  Enroll({"web01", "web02"});
  ConnectAll();
  const uint64_t job = StartOneByOne({"web01", "web02"});
  TUTTI_ASSERT_OK(Stop(job));
  EXPECT_EQ(StateOf(job, 1), v1::TASK_STATE_SKIPPED);
  EXPECT_EQ(GetTask(job, 1).attempt().outcome().reason(),
            "the job was stopped");
  const auto directives = TakeDirectives("web01");
  ASSERT_THAT(directives, SizeIs(1));
  EXPECT_EQ(directives[0].desired(), v1::DESIRED_STATE_STOP);
  Report("web01", v1::TASK_STATE_STOPPED);
  EXPECT_EQ(Get(job).job().state(), v1::JOB_STATE_STOPPED);
}

TEST_F(SteeringTest, StopIsSaidAgainInEveryWelcomeAndSurvivesARestart) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  Disconnect("web01");
  TUTTI_ASSERT_OK(Stop(job));
  const v1::AttemptReport running = MakeReport("web01", v1::TASK_STATE_RUNNING);
  Connect("web01", {running});
  EXPECT_EQ(LastWelcome("web01").directives(0).desired(),
            v1::DESIRED_STATE_STOP);
  Restart();
  Connect("web01", {running});
  EXPECT_EQ(LastWelcome("web01").directives(0).desired(),
            v1::DESIRED_STATE_STOP);
}

TEST_F(SteeringTest, StoppedTaskThatNeverCameToItsTargetIsSkipped) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  Disconnect("web01");
  TUTTI_ASSERT_OK(Stop(job));
  Connect("web01");
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_SKIPPED);
  EXPECT_EQ(AssignedCount("web01"), 0u);
}

TEST_F(SteeringTest, StopBeforeTheAssignmentIsDurableSendsNothing) {
  Enroll({"web01", "web02"});
  ConnectAll();
  const uint64_t job = StartOneByOne({"web01", "web02"});
  v1::AgentReport message;
  *message.add_attempts() = MakeReport("web01", v1::TASK_STATE_COMPLETED);
  core_->OnReport(session("web01"), message);
  TUTTI_ASSERT_OK(Stop(job));
  EXPECT_EQ(AssignedCount("web02"), 0u);
  EXPECT_EQ(StateOf(job, 1), v1::TASK_STATE_SKIPPED);
}

TEST_F(SteeringTest, HeldJobStartsNothingMore) {
  Enroll({"web01", "web02"});
  ConnectAll();
  const uint64_t job = StartOneByOne({"web01", "web02"});
  TUTTI_ASSERT_OK(Hold(job, true));
  EXPECT_TRUE(Get(job).job().held());
  Complete("web01");
  EXPECT_EQ(AssignedCount("web02"), 0u);
  TUTTI_ASSERT_OK(Hold(job, false));
  EXPECT_EQ(AssignedCount("web02"), 1u);
}

TEST_F(SteeringTest, HoldSurvivesARestart) {
  Enroll({"web01", "web02"});
  ConnectAll();
  const uint64_t job = StartOneByOne({"web01", "web02"});
  TUTTI_ASSERT_OK(Hold(job, true));
  Restart();
  Connect("web02");
  Connect("web01", {MakeReport("web01", v1::TASK_STATE_COMPLETED)});
  EXPECT_TRUE(Get(job).job().held());
  EXPECT_EQ(AssignedCount("web02"), 0u);
}

TEST_F(SteeringTest, UnfinishedJobIsNotRemoved) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  EXPECT_THAT(Remove(job),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("RUNNING"), HasSubstr("--force"))));
}

TEST_F(SteeringTest, ForceStopsAndRemovesOnceFinal) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  OpenWatch(1, job);
  Drain(1);
  TUTTI_ASSERT_OK(Remove(job, /*force=*/true));
  EXPECT_FALSE(Ended(1));
  Report("web01", v1::TASK_STATE_STOPPED);
  EXPECT_THAT(effects_->ended_watches[1],
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("was removed")));
  EXPECT_THAT(effects_->journal().jobs, SizeIs(0));
}

TEST_F(SteeringTest, ForcedRemovalSurvivesARestart) {
  Enroll({"web01"});
  ConnectAll();
  Start({"web01"});
  TUTTI_ASSERT_OK(Remove(1, /*force=*/true));
  Restart();
  Connect("web01", {MakeReport("web01", v1::TASK_STATE_RUNNING)});
  EXPECT_THAT(effects_->journal().jobs, SizeIs(1));
  Report("web01", v1::TASK_STATE_STOPPED);
  EXPECT_THAT(effects_->journal().jobs, SizeIs(0));
}

TEST_F(SteeringTest, RemovedJobIsGoneAndItsNumberStaysTaken) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  Complete("web01", "output");
  TUTTI_ASSERT_OK(Remove(job));
  EXPECT_THAT(Remove(job), StatusIs(absl::StatusCode::kNotFound,
                                    HasSubstr("there is no job")));
  EXPECT_GT(Start({"web01"}), job);
}

}  // namespace
}  // namespace tutti::testing
