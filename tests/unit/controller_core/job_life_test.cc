// From assignment to the end, as reports come and time passes.
#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class JobLifeTest : public CoreFixture {};

TEST_F(JobLifeTest, RunsToTheEnd) {
  Enroll({"web01", "web02"});
  ConnectAll();
  const uint64_t job = Start({"web01", "web02"});
  EXPECT_EQ(StateOf(job, 0), v1::TASK_STATE_ASSIGNED);
  EXPECT_EQ(Get(job).job().state(), v1::JOB_STATE_RUNNING);
  Report("web01", v1::TASK_STATE_RUNNING);
  EXPECT_EQ(StateOf(job, 0), v1::TASK_STATE_RUNNING);
  Complete("web01", "hello\n");
  EXPECT_EQ(GetTask(job, 0).stdout_bytes(), 6u);
  Complete("web02");
  const v1::GetJobResponse end = Get(job);
  EXPECT_EQ(end.job().state(), v1::JOB_STATE_COMPLETED);
  EXPECT_TRUE(end.job().has_ended_at());
  ASSERT_EQ(end.job().counts().entries_size(), 1);
  EXPECT_EQ(end.job().counts().entries(0).count(), 2u);
}

TEST_F(JobLifeTest, OutcomeIsKeptWhole) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  v1::AttemptReport report = MakeReport("web01", v1::TASK_STATE_FAILED);
  v1::Outcome& outcome = *report.mutable_status()->mutable_outcome();
  outcome.set_signal(9);
  outcome.set_reason("out of memory");
  outcome.set_killed_leftovers(3);
  outcome.mutable_usage()->mutable_user_time()->set_seconds(5);
  outcome.mutable_usage()->set_peak_resident_bytes(1 << 20);
  Report("web01", report);
  EXPECT_EQ(GetTask(job).attempt().outcome().SerializeAsString(),
            outcome.SerializeAsString());
}

TEST_F(JobLifeTest, ForgetComesOnlyOnceTheOutcomeIsInTheJournal) {
  Enroll({"web01"});
  ConnectAll();
  Start({"web01"});
  v1::AgentReport message;
  *message.add_attempts() = MakeReport("web01", v1::TASK_STATE_COMPLETED);
  core_->OnReport(session("web01"), message);
  clock_.Advance(absl::Seconds(1));
  core_->OnTime();
  EXPECT_THAT(TakeDirectives("web01"), IsEmpty());
  effects_->CommitAll();
  Advance(absl::Seconds(1));
  const auto directives = TakeDirectives("web01");
  ASSERT_THAT(directives, SizeIs(1));
  EXPECT_EQ(directives[0].desired(), v1::DESIRED_STATE_FORGET);
}

TEST_F(JobLifeTest, JournalThatFailsIsTriedAgain) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  v1::AgentReport message;
  *message.add_attempts() = MakeReport("web01", v1::TASK_STATE_COMPLETED);
  core_->OnReport(session("web01"), message);
  effects_->CommitOne(absl::UnavailableError("disk full"));
  EXPECT_EQ(effects_->waiting_commits(), 0u);
  Advance(absl::Seconds(2));
  EXPECT_EQ(effects_->journal().outcomes.size(), 1u);
  EXPECT_EQ(effects_->journal().outcomes[0].job_number, job);
}

// Each commit is a sync of the disk: a burst of ends must not cost one each.
TEST_F(JobLifeTest, OutcomesShortlyAfterACommitShareTheNext) {
  Enroll({"web01", "web02", "web03"});
  ConnectAll();
  const uint64_t job = Start({"web01", "web02", "web03"});
  Complete("web01");
  EXPECT_EQ(effects_->journal().outcomes.size(), 1u);
  Complete("web02");
  Complete("web03");
  EXPECT_EQ(effects_->journal().outcomes.size(), 1u);
  // Nobody waits for the journal to learn that the job is over.
  EXPECT_EQ(Get(job).job().state(), v1::JOB_STATE_COMPLETED);
  clock_.Advance(absl::Milliseconds(20));
  core_->OnTime();
  EXPECT_EQ(effects_->waiting_commits(), 1u);
  effects_->CommitAll();
  EXPECT_EQ(effects_->journal().outcomes.size(), 3u);
}

TEST_F(JobLifeTest, EndCountsOnlyWhenAllOutputHasCome) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  v1::AttemptReport report = MakeReport("web01", v1::TASK_STATE_COMPLETED);
  report.set_end_position(kFirst + 24 + 5);
  Report("web01", report);
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_RUNNING);
  SendBulk("web01", kFirst, "hello");
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_COMPLETED);
}

TEST_F(JobLifeTest, LostLinkMakesDisconnectedThenLostThenUnknown) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  Report("web01", v1::TASK_STATE_RUNNING);
  Disconnect("web01");
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_DISCONNECTED);
  EXPECT_TRUE(GetTask(job).has_link_lost_at());
  Advance(absl::Minutes(10) - absl::Seconds(1));
  EXPECT_FALSE(GetTask(job).lost());
  Advance(absl::Seconds(1));
  EXPECT_TRUE(GetTask(job).lost());
  EXPECT_EQ(Get(job).job().lost_count(), 1u);
  Advance(absl::Hours(24));
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_UNKNOWN);
  EXPECT_EQ(Get(job).job().lost_count(), 0u);
  EXPECT_EQ(Get(job).job().state(), v1::JOB_STATE_FAILED);
}

TEST_F(JobLifeTest, LateReportCorrectsUnknownVisibly) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  Report("web01", v1::TASK_STATE_RUNNING);
  Disconnect("web01");
  Advance(absl::Hours(25));
  Connect("web01", {MakeReport("web01", v1::TASK_STATE_RUNNING)});
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_UNKNOWN);
  EXPECT_EQ(LastWelcome("web01").directives(0).desired(),
            v1::DESIRED_STATE_RUN);
  Complete("web01", "late\n");
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_COMPLETED);
  EXPECT_THAT(GetTask(job).attempt().outcome().reason(), HasSubstr("UNKNOWN"));
  EXPECT_EQ(Get(job).job().state(), v1::JOB_STATE_COMPLETED);
  Advance(absl::Milliseconds(20));
  Restart();
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_COMPLETED);
}

TEST_F(JobLifeTest, OtherFinalStatesStay) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  Complete("web01");
  Report("web01", v1::TASK_STATE_FAILED);
  Report("web01", v1::TASK_STATE_RUNNING);
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_COMPLETED);
}

TEST_F(JobLifeTest, AgentMayNotGiveStatesOfTheController) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  for (v1::TaskState state :
       {v1::TASK_STATE_UNSPECIFIED, v1::TASK_STATE_PENDING,
        v1::TASK_STATE_DISCONNECTED, v1::TASK_STATE_EXPIRED,
        v1::TASK_STATE_SKIPPED}) {
    Report("web01", state);
    EXPECT_EQ(StateOf(job), v1::TASK_STATE_ASSIGNED);
  }
}

TEST_F(JobLifeTest, OneAgentCanNotReportForAnother) {
  Enroll({"web01", "web02"});
  ConnectAll();
  const uint64_t job = Start({"web01", "web02"});
  Report("web01", MakeReport("web02", v1::TASK_STATE_COMPLETED));
  EXPECT_EQ(StateOf(job, 1), v1::TASK_STATE_ASSIGNED);
}

TEST_F(JobLifeTest, FanoutLetsTheNextOneStartWhenOneEndsOrIsLost) {
  Enroll({"web01", "web02", "web03"});
  ConnectAll();
  controller::PreparedJob prepared = Prepare({"web01", "web02", "web03"});
  prepared.request.set_fanout(1);
  const uint64_t job = Start(std::move(prepared));
  EXPECT_EQ(StateOf(job, 0), v1::TASK_STATE_ASSIGNED);
  EXPECT_EQ(StateOf(job, 1), v1::TASK_STATE_PENDING);
  Complete("web01");
  EXPECT_EQ(AssignedCount("web02"), 1u);
  Disconnect("web02");
  Advance(absl::Minutes(10));
  EXPECT_EQ(AssignedCount("web03"), 1u);
}

TEST_F(JobLifeTest, NothingIsSentBeforeItsAssignmentIsInTheJournal) {
  Enroll({"web01", "web02"});
  ConnectAll();
  controller::PreparedJob prepared = Prepare({"web01", "web02"});
  prepared.request.set_fanout(1);
  Start(std::move(prepared));
  v1::AgentReport message;
  *message.add_attempts() = MakeReport("web01", v1::TASK_STATE_COMPLETED);
  core_->OnReport(session("web01"), message);
  EXPECT_EQ(AssignedCount("web02"), 0u);
  effects_->CommitAll();
  EXPECT_EQ(AssignedCount("web02"), 1u);
  EXPECT_EQ(effects_->journal().assigned.size(), 2u);
}

TEST_F(JobLifeTest, OfflineTargetsExpireAtOnceOrAfterTheGraceTime) {
  Enroll({"web01", "web02", "web03", "web04"});
  Connect("web01");
  Connect("web02");
  Disconnect("web02");
  Connect("web03");
  Disconnect("web03");
  Advance(absl::Minutes(1));
  Connect("web02");
  Disconnect("web02");
  Advance(absl::Seconds(90));
  const uint64_t job = Start({"web01", "web02", "web03", "web04"});
  EXPECT_EQ(StateOf(job, 0), v1::TASK_STATE_ASSIGNED);
  EXPECT_EQ(StateOf(job, 1), v1::TASK_STATE_PENDING);
  EXPECT_TRUE(GetTask(job, 1).offline());
  EXPECT_EQ(StateOf(job, 2), v1::TASK_STATE_EXPIRED);
  EXPECT_THAT(GetTask(job, 2).attempt().outcome().reason(),
              HasSubstr("offline, last seen 2 min ago"));
  EXPECT_EQ(GetTask(job, 3).attempt().outcome().reason(),
            "offline, never seen");
  Advance(absl::Seconds(30));
  EXPECT_EQ(StateOf(job, 1), v1::TASK_STATE_EXPIRED);
}

TEST_F(JobLifeTest, OfflineTargetThatComesWithinTheGraceTimeRuns) {
  Enroll({"web01"});
  Connect("web01");
  Disconnect("web01");
  const uint64_t job = Start({"web01"});
  Advance(absl::Seconds(20));
  Connect("web01");
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_ASSIGNED);
  EXPECT_EQ(AssignedCount("web01"), 1u);
  EXPECT_FALSE(GetTask(job).offline());
}

TEST_F(JobLifeTest, EverybodyGetsTheGraceTimeOfAControllerJustStarted) {
  Enroll({"web01"});
  Restart();
  const uint64_t job = Start({"web01"});
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_PENDING);
  Advance(absl::Seconds(30));
  EXPECT_EQ(StateOf(job), v1::TASK_STATE_EXPIRED);
}

TEST_F(JobLifeTest, WaitLastsAsLongAsItSaysAndNoLongerThanTheSpec) {
  Enroll({"web01"});
  controller::PreparedJob prepared = Prepare({"web01"}, 1);
  prepared.request.set_offline(v1::OFFLINE_POLICY_WAIT);
  prepared.request.mutable_offline_wait()->set_seconds(7200);
  const uint64_t bounded = Start(std::move(prepared));
  prepared = Prepare({"web01"}, 2);
  prepared.request.set_offline(v1::OFFLINE_POLICY_WAIT);
  const uint64_t unbounded = Start(std::move(prepared));
  Advance(absl::Hours(2));
  EXPECT_EQ(StateOf(bounded), v1::TASK_STATE_EXPIRED);
  EXPECT_EQ(StateOf(unbounded), v1::TASK_STATE_PENDING);
  Advance(absl::Hours(46));
  EXPECT_EQ(StateOf(unbounded), v1::TASK_STATE_EXPIRED);
}

TEST_F(JobLifeTest, OldJobsAreForgotten) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t job = Start({"web01"});
  Complete("web01");
  OpenWatch(1, job, /*follow=*/false);
  TakeOne(1);
  Advance(settings_.job_retention);
  Restart();
  v1::ListJobsResponse jobs;
  core_->ListJobs("alice", {}, [&](auto response) { jobs = *response; });
  EXPECT_EQ(jobs.jobs_size(), 0);
}

}  // namespace
}  // namespace tutti::testing
