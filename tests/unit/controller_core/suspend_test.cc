// Stopping some tasks, suspending, and changing a job that runs.
#include "common/base/duration.h"
#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class SuspendTest : public CoreFixture {
 protected:
  void SetUp() override {
    Enroll({"web01", "web02", "web03"});
    ConnectAll();
    controller::PreparedJob prepared = Prepare({"web01", "web02", "web03"});
    prepared.request.set_fanout(2);
    job_ = Start(std::move(prepared));
    Report("web01", v1::TASK_STATE_RUNNING);
    Report("web02", v1::TASK_STATE_RUNNING);
    TakeDirectives("web01");
    TakeDirectives("web02");
  }
  // The last directive that an agent got since the last call.
  v1::DesiredState Desired(const std::string& name) {
    const auto directives = TakeDirectives(name);
    return directives.empty() ? v1::DESIRED_STATE_UNSPECIFIED
                              : directives.back().desired();
  }

  uint64_t job_ = 0;
  int seed_ = 100;
};

TEST_F(SuspendTest, StopOfSomeLeavesTheOthers) {
  v1::StopJobRequest request;
  request.add_targets("web02,web03");
  TUTTI_ASSERT_OK(Stop(job_, request));
  EXPECT_EQ(Desired("web01"), v1::DESIRED_STATE_UNSPECIFIED);
  EXPECT_EQ(Desired("web02"), v1::DESIRED_STATE_STOP);
  EXPECT_EQ(StateOf(job_, 2), v1::TASK_STATE_SKIPPED);
  EXPECT_EQ(GetTask(job_, 2).attempt().outcome().reason(), "it was stopped");
  Report("web02", v1::TASK_STATE_STOPPED);
  Complete("web01");
  EXPECT_EQ(Get(job_).job().state(), v1::JOB_STATE_STOPPED);
}

// The operator was told that it is stopped.
TEST_F(SuspendTest, StopOfSomeSurvivesARestart) {
  v1::StopJobRequest request;
  request.add_targets("web02,web03");
  TUTTI_ASSERT_OK(Stop(job_, request));
  Restart();
  EXPECT_EQ(StateOf(job_, 2), v1::TASK_STATE_SKIPPED);
  Connect("web01", {MakeReport("web01", v1::TASK_STATE_RUNNING)});
  Connect("web02", {MakeReport("web02", v1::TASK_STATE_RUNNING)});
  EXPECT_EQ(LastWelcome("web01").directives(0).desired(),
            v1::DESIRED_STATE_RUN);
  EXPECT_EQ(LastWelcome("web02").directives(0).desired(),
            v1::DESIRED_STATE_STOP);
}

TEST_F(SuspendTest, PendingOnlyLetsWhatRunsGoOn) {
  v1::StopJobRequest request;
  request.set_pending_only(true);
  TUTTI_ASSERT_OK(Stop(job_, request));
  EXPECT_EQ(Desired("web01"), v1::DESIRED_STATE_UNSPECIFIED);
  EXPECT_EQ(StateOf(job_, 2), v1::TASK_STATE_SKIPPED);
  Complete("web01");
  EXPECT_EQ(AssignedCount("web03"), 0u);
}

TEST_F(SuspendTest, TheRuleGoesToTheTargetAndALaterOneReplacesIt) {
  v1::StopJobRequest request;
  request.mutable_rule()->set_signal(2);
  *request.mutable_rule()->mutable_grace() = tutti::ToProto(absl::Minutes(5));
  TUTTI_ASSERT_OK(Stop(job_, request));
  auto directives = TakeDirectives("web01");
  ASSERT_THAT(directives, SizeIs(1));
  EXPECT_EQ(directives[0].stop().signal(), 2);
  *request.mutable_rule()->mutable_grace() =
      tutti::ToProto(absl::ZeroDuration());
  TUTTI_ASSERT_OK(Stop(job_, request));
  directives = TakeDirectives("web01");
  ASSERT_THAT(directives, SizeIs(1));
  EXPECT_TRUE(directives[0].stop().has_grace());
  EXPECT_EQ(directives[0].stop().grace().seconds(), 0);
}

TEST_F(SuspendTest, RulesThatMakeNoSenseAreRefused) {
  v1::StopJobRequest request;
  request.mutable_rule()->set_signal(99);
  EXPECT_THAT(Stop(job_, request), StatusIs(absl::StatusCode::kInvalidArgument,
                                            HasSubstr("no signal 99")));
  request.mutable_rule()->clear_signal();
  *request.mutable_rule()->mutable_grace() = tutti::ToProto(absl::Hours(2));
  EXPECT_THAT(Stop(job_, request), StatusIs(absl::StatusCode::kInvalidArgument,
                                            HasSubstr("grace time of 2h")));
  EXPECT_EQ(Get(job_).job().state(), v1::JOB_STATE_RUNNING);
}

TEST_F(SuspendTest, ASuspendedJobStartsNothingAndItsTasksStandStill) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto suspended, Suspend(job_, true));
  EXPECT_EQ(suspended.count(), 2u);
  EXPECT_EQ(suspended.pending_count(), 1u);
  EXPECT_EQ(Desired("web01"), v1::DESIRED_STATE_SUSPEND);
  Report("web01", v1::TASK_STATE_SUSPENDED);
  // Ended just before it heard.
  Complete("web02");
  EXPECT_EQ(AssignedCount("web03"), 0u);
  EXPECT_EQ(Get(job_).job().state(), v1::JOB_STATE_SUSPENDED);
  TUTTI_ASSERT_OK(Suspend(job_, false));
  EXPECT_EQ(Desired("web01"), v1::DESIRED_STATE_RUN);
  EXPECT_EQ(AssignedCount("web03"), 1u);
}

TEST_F(SuspendTest, SuspensionSurvivesARestart) {
  TUTTI_ASSERT_OK(Suspend(job_, true));
  Restart();
  Connect("web01", {MakeReport("web01", v1::TASK_STATE_SUSPENDED)});
  Connect("web02", {MakeReport("web02", v1::TASK_STATE_COMPLETED)});
  Connect("web03");
  EXPECT_EQ(LastWelcome("web01").directives(0).desired(),
            v1::DESIRED_STATE_SUSPEND);
  EXPECT_EQ(AssignedCount("web03"), 0u);
  TUTTI_ASSERT_OK(Suspend(job_, false));
  EXPECT_EQ(AssignedCount("web03"), 1u);
}

// What sends bulk closes that stream when it has nothing to say, as in a
// suspended task.
TEST_F(SuspendTest, ATaskWithBulkOutputHearsOfItOverTheSession) {
  SendBulk("web01", kFirst, "much");
  TUTTI_ASSERT_OK(Suspend(job_, true));
  EXPECT_EQ(Desired("web01"), v1::DESIRED_STATE_SUSPEND);
  TUTTI_ASSERT_OK(Suspend(job_, false));
  EXPECT_EQ(Desired("web01"), v1::DESIRED_STATE_RUN);
}

TEST_F(SuspendTest, OneTaskAlone) {
  TUTTI_ASSERT_OK_AND_ASSIGN(const auto suspended,
                             Suspend(job_, true, {"web02"}));
  EXPECT_EQ(suspended.count(), 1u);
  EXPECT_EQ(Desired("web01"), v1::DESIRED_STATE_UNSPECIFIED);
  EXPECT_EQ(Desired("web02"), v1::DESIRED_STATE_SUSPEND);
  Complete("web01");
  EXPECT_EQ(AssignedCount("web03"), 1u);
}

TEST_F(SuspendTest, WhatIsStoppedIsNotKeptSuspended) {
  TUTTI_ASSERT_OK(Suspend(job_, true));
  TUTTI_ASSERT_OK(Stop(job_));
  EXPECT_EQ(Desired("web01"), v1::DESIRED_STATE_STOP);
}

TEST_F(SuspendTest, AFinalJobIsNotSuspended) {
  TUTTI_ASSERT_OK(Stop(job_));
  Report("web01", v1::TASK_STATE_STOPPED);
  Report("web02", v1::TASK_STATE_STOPPED);
  EXPECT_THAT(Suspend(job_, true),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("is over (STOPPED)")));
}

TEST_F(SuspendTest, AnotherFanoutCountsAtOnceAndAfterARestart) {
  v1::SetJobRequest request;
  request.set_fanout(3);
  TUTTI_ASSERT_OK(Set(job_, request));
  EXPECT_EQ(AssignedCount("web03"), 1u);
  request.set_fanout(1);
  TUTTI_ASSERT_OK(Set(job_, request));
  Restart();
  EXPECT_EQ(core_->SessionOf("web01"), 0u);
  EXPECT_EQ(effects_->journal().steering.back().steering.settings().fanout(),
            1u);
}

TEST_F(SuspendTest, AStricterLimitEndsTheRollout) {
  Report("web01", v1::TASK_STATE_FAILED);
  v1::SetJobRequest request;
  request.set_stop_after(1);
  // web03 took the place of web01.
  EXPECT_EQ(AssignedCount("web03"), 1u);
  TUTTI_ASSERT_OK(Set(job_, request));
  request.Clear();
  request.set_name("nightly");
  TUTTI_ASSERT_OK(Set(job_, request));
  EXPECT_EQ(Get(job_).job().name(), "nightly");
  Restart();
  EXPECT_EQ(Get(job_).job().name(), "nightly");
}

TEST_F(SuspendTest, ADeadlineStopsWhatRunsAndSkipsTheRest) {
  v1::SetJobRequest request;
  *request.mutable_deadline() = tutti::ToProto(absl::Minutes(1));
  TUTTI_ASSERT_OK(Set(job_, request));
  Advance(absl::Seconds(59));
  EXPECT_EQ(Desired("web01"), v1::DESIRED_STATE_UNSPECIFIED);
  Advance(absl::Seconds(2));
  EXPECT_EQ(Desired("web01"), v1::DESIRED_STATE_STOP);
  EXPECT_EQ(StateOf(job_, 2), v1::TASK_STATE_SKIPPED);
  EXPECT_EQ(GetTask(job_, 2).attempt().outcome().reason(),
            "the job's deadline has passed");
}

// Of a nightly job that takes longer than a day only the newest counts.
TEST_F(SuspendTest, ANewerJobWithTheSameKeySkipsWhatHasNotStarted) {
  const auto start = [this](const std::string& key) {
    controller::PreparedJob prepared = Prepare({"web01", "web02"}, ++seed_);
    prepared.request.set_fanout(1);
    prepared.request.set_supersede(key);
    return Start(std::move(prepared));
  };
  const uint64_t first = start("nightly");
  const uint64_t other = start("hourly");
  const uint64_t second = start("nightly");
  EXPECT_EQ(StateOf(first, 0), v1::TASK_STATE_ASSIGNED);
  EXPECT_EQ(StateOf(first, 1), v1::TASK_STATE_SKIPPED);
  EXPECT_EQ(GetTask(first, 1).attempt().outcome().reason(),
            "job " + std::to_string(second) + " superseded it");
  EXPECT_EQ(StateOf(other, 1), v1::TASK_STATE_PENDING);
  EXPECT_EQ(StateOf(job_, 2), v1::TASK_STATE_PENDING);
  Restart();
  EXPECT_EQ(StateOf(first, 1), v1::TASK_STATE_SKIPPED);
  EXPECT_EQ(StateOf(second, 1), v1::TASK_STATE_PENDING);
}

TEST_F(SuspendTest, MoreTargetsThanAllowedAreRefused) {
  controller::CoreSettings settings;
  settings.max_targets = 2;
  core_->Configure(settings);
  const auto answer = Submit(Prepare({"web01", "web02", "web03"}, 99));
  EXPECT_THAT(answer->value(), StatusIs(absl::StatusCode::kPermissionDenied,
                                        HasSubstr("max_targets 2")));
  settings.operator_max_targets = {{"alice", 3}, {"bob", 1}};
  core_->Configure(settings);
  Start(Prepare({"web01", "web02", "web03"}, 98));
  settings.operator_max_targets = {{"alice", 1}};
  core_->Configure(settings);
  EXPECT_THAT(Submit(Prepare({"web01", "web02"}, 97))->value(),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("operator_max_targets 1")));
}

TEST_F(SuspendTest, NothingToChangeIsSaid) {
  EXPECT_THAT(Set(job_, {}), StatusIs(absl::StatusCode::kInvalidArgument,
                                      HasSubstr("nothing is to be changed")));
}

// What a list of thousands of jobs is narrowed down by.
TEST_F(SuspendTest, FiltersOfAList) {
  Start({"web01"});
  const auto count = [this](const v1::ListJobsRequest& request) {
    int jobs = -1;
    core_->ListJobs("alice", request, [&](const auto& response) {
      if (response.ok()) jobs = response->jobs_size();
    });
    return jobs;
  };
  v1::ListJobsRequest request;
  EXPECT_EQ(count(request), 2);
  request.add_targets("web03");
  EXPECT_EQ(count(request), 1);
  request.Clear();
  request.add_task_states(v1::TASK_STATE_PENDING);
  EXPECT_EQ(count(request), 1);
  request.Clear();
  request.set_operator_("bob*");
  EXPECT_EQ(count(request), 0);
  request.Clear();
  *request.mutable_since() = tutti::ToProto(clock_.Now() + absl::Hours(1));
  EXPECT_EQ(count(request), 0);
  request.Clear();
  request.add_targets("nobody");
  EXPECT_EQ(count(request), -1);
}

}  // namespace
}  // namespace tutti::testing
