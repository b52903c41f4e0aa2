// Attempts beyond the first.
#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class RetryTest : public CoreFixture {
 protected:
  // Three targets: web01 completes, the others fail.
  void RunOnce() {
    Enroll({"web01", "web02", "web03"});
    ConnectAll();
    prepared_ = Prepare({"web01", "web02", "web03"});
    job_ = Start(prepared_);
    Complete("web01", "first of web01\n");
    Fail("web02", "first of web02\n");
    Fail("web03", "first of web03\n");
    Advance(absl::Seconds(1));
  }
  void Fail(const std::string& name, const std::string& output,
            uint32_t attempt = 1) {
    v1::AttemptReport report =
        MakeReport(name, v1::TASK_STATE_FAILED, job_, attempt);
    report.mutable_status()->mutable_outcome()->set_exit_status(1);
    AddOutput(report, kFirst, output);
    Report(name, std::move(report));
  }
  absl::Status Retry(uint32_t attempt,
                     const std::vector<std::string>& targets) {
    const auto answer = Submit(PrepareRetry(prepared_, attempt, targets));
    effects_->CommitAll();
    return answer->has_value() ? (*answer)->status()
                               : absl::UnknownError("no answer");
  }

  controller::PreparedJob prepared_;
  uint64_t job_ = 0;
};

TEST_F(RetryTest, ItRunsTheNamedTasksAgainAndNoOthers) {
  RunOnce();
  TUTTI_ASSERT_OK(Retry(2, {"web02", "web03"}));
  EXPECT_EQ(AssignedCount("web01"), 1u);
  EXPECT_EQ(AssignedCount("web02"), 2u);
  EXPECT_EQ(effects_->assigned[session("web02")][1].rest.key().attempt(), 2u);
  EXPECT_EQ(Get(job_).job().state(), v1::JOB_STATE_RUNNING);
  Report("web02", MakeReport("web02", v1::TASK_STATE_COMPLETED, job_, 2));
  Report("web03", MakeReport("web03", v1::TASK_STATE_COMPLETED, job_, 2));
  const v1::GetJobResponse over = Get(job_);
  EXPECT_EQ(over.job().state(), v1::JOB_STATE_COMPLETED);
  ASSERT_THAT(over.job().attempts(), SizeIs(2));
  EXPECT_EQ(over.job().attempts(1).targets(), "web[02-03]");
}

// If this fails, whoever may try a job again may give its targets other
// parameters than its list shows.
TEST_F(RetryTest, ParametersStayWhatTheyWere) {
  RunOnce();
  controller::PreparedJob retry = PrepareRetry(prepared_, 2, {"web02"});
  v1::JobParameters& entry = *retry.request.add_parameters();
  entry.set_target("web02");
  entry.set_parameters("others");
  SetTargets({"web02"}, retry);
  const auto answer = Submit(std::move(retry));
  ASSERT_TRUE(answer->has_value());
  EXPECT_THAT(**answer, StatusIs(absl::StatusCode::kInvalidArgument,
                                 HasSubstr("has to do the same")));
}

// "a retry makes a new attempt of the task and keeps the old one"
TEST_F(RetryTest, TheEarlierAttemptStaysReadable) {
  RunOnce();
  TUTTI_ASSERT_OK(Retry(2, {"web02"}));
  Fail("web02", "second of web02\n", 2);
  const v1::GetJobResponse now = Get(job_);
  EXPECT_EQ(now.tasks(1).attempt_number(), 2u);
  ASSERT_THAT(now.earlier(), SizeIs(1));
  EXPECT_EQ(now.earlier(0).task(), 1u);
  EXPECT_EQ(now.earlier(0).status().attempt().state(), v1::TASK_STATE_FAILED);
  OpenWatch(1, job_, /*follow=*/false);
  EXPECT_EQ(Drain(1).output[1], "second of web02\n");
  EXPECT_EQ(Drain(1).output[2], "first of web03\n");
  OpenWatch(2, job_, /*follow=*/false, {}, /*attempt=*/1);
  EXPECT_EQ(Drain(2).output[1], "first of web02\n");
  OpenWatch(3, job_, /*follow=*/false, {}, /*attempt=*/2);
  EXPECT_EQ(Drain(3).output[1], "second of web02\n");
  EXPECT_FALSE(Drain(3).statuses.contains(2));
}

// What was not read of the first attempt would be lost to its reader.
TEST_F(RetryTest, WhoFollowsGetsTheRestOfTheOldAttemptAndThenTheNewOne) {
  RunOnce();
  TUTTI_ASSERT_OK(Retry(2, {"web02"}));
  Report("web02", MakeReport("web02", v1::TASK_STATE_RUNNING, job_, 2));
  v1::TaskCursor cursor;
  cursor.set_task(1);
  cursor.set_attempt(1);
  cursor.set_position(0);
  OpenWatch(1, job_, /*follow=*/true, {cursor});
  Fail("web02", "second of web02\n", 2);
  EXPECT_EQ(Drain(1).output[1], "first of web02\nsecond of web02\n");
  EXPECT_EQ(Drain(1).statuses[1].attempt_number(), 2u);
  EXPECT_TRUE(Ended(1));
}

TEST_F(RetryTest, AWatchOfOneAttemptEndsWithIt) {
  Enroll({"web01", "web02"});
  ConnectAll();
  prepared_ = Prepare({"web01", "web02"});
  job_ = Start(prepared_);
  Fail("web01", "first\n");
  Advance(absl::Seconds(1));
  TUTTI_ASSERT_OK(Retry(2, {"web01"}));
  OpenWatch(1, job_, /*follow=*/true, {}, /*attempt=*/2);
  Drain(1);
  EXPECT_FALSE(Ended(1));
  Report("web01", MakeReport("web01", v1::TASK_STATE_COMPLETED, job_, 2));
  Drain(1);
  // web02 runs on in the first attempt.
  EXPECT_TRUE(Ended(1));
  EXPECT_EQ(Get(job_).job().state(), v1::JOB_STATE_RUNNING);
}

// A retry that runs twice is what must never happen.
TEST_F(RetryTest, TheSameEnvelopeAgainStartsNothing) {
  RunOnce();
  const controller::PreparedJob retry = PrepareRetry(prepared_, 2, {"web02"});
  const auto first = Submit(retry);
  const auto second = Submit(retry);
  effects_->CommitAll();
  const auto third = Submit(retry);
  EXPECT_FALSE((*first)->value().existed());
  EXPECT_TRUE((*second)->value().existed());
  EXPECT_TRUE((*third)->value().existed());
  EXPECT_EQ(AssignedCount("web02"), 2u);
}

TEST_F(RetryTest, OfTwoRetriesTheFirstOneWins) {
  RunOnce();
  const auto first = Submit(PrepareRetry(prepared_, 2, {"web02"}));
  const auto second = Submit(PrepareRetry(prepared_, 2, {"web03"}));
  effects_->CommitAll();
  TUTTI_EXPECT_OK(**first);
  EXPECT_THAT(**second,
              StatusIs(absl::StatusCode::kAborted, HasSubstr("came first")));
  EXPECT_THAT(Retry(2, {"web03"}),
              StatusIs(absl::StatusCode::kAborted, HasSubstr("came first")));
}

TEST_F(RetryTest, OnlyWhatIsOverIsTriedAgain) {
  Enroll({"web01"});
  ConnectAll();
  prepared_ = Prepare({"web01"});
  job_ = Start(prepared_);
  EXPECT_THAT(Retry(2, {"web01"}),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("web01 is not over")));
}

// The ledger would be asked for an attempt whose predecessor nobody remembers.
TEST_F(RetryTest, ItWaitsUntilTheOutcomeIsDurable) {
  Enroll({"web01"});
  ConnectAll();
  prepared_ = Prepare({"web01"});
  job_ = Start(prepared_);
  v1::AgentReport message;
  *message.add_attempts() = MakeReport("web01", v1::TASK_STATE_FAILED, job_);
  core_->OnReport(session("web01"), message);
  const auto answer = Submit(PrepareRetry(prepared_, 2, {"web01"}));
  EXPECT_THAT(answer->value(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("try again")));
}

TEST_F(RetryTest, OtherWorkIsNoRetry) {
  RunOnce();
  controller::PreparedJob other = prepared_;
  other.opened.spec.mutable_command()->add_arguments("--now");
  const auto answer = Submit(PrepareRetry(other, 2, {"web02"}));
  EXPECT_THAT(answer->value(), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("the same as the job")));
}

TEST_F(RetryTest, ForeignTargetsAndJobsAreRefused) {
  RunOnce();
  EXPECT_THAT(Retry(2, {"db01"}), StatusIs(absl::StatusCode::kInvalidArgument,
                                           HasSubstr("no target of job")));
  EXPECT_THAT(Retry(3, {"web02"}), StatusIs(absl::StatusCode::kInvalidArgument,
                                            HasSubstr("the next one is 2")));
  const auto answer =
      Submit(PrepareRetry(Prepare({"web02"}, 77), 2, {"web02"}));
  EXPECT_THAT(answer->value(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("to try again")));
}

TEST_F(RetryTest, AFailedCommitChangesNothing) {
  RunOnce();
  const auto answer = Submit(PrepareRetry(prepared_, 2, {"web02"}));
  effects_->CommitOne(absl::DataLossError("disk full"));
  EXPECT_THAT(answer->value(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("disk full")));
  EXPECT_EQ(Get(job_).job().state(), v1::JOB_STATE_FAILED);
  EXPECT_EQ(AssignedCount("web02"), 1u);
  TUTTI_EXPECT_OK(Retry(2, {"web02"}));
}

TEST_F(RetryTest, EverythingSurvivesARestart) {
  RunOnce();
  TUTTI_ASSERT_OK(Retry(2, {"web02", "web03"}));
  Report("web02", MakeReport("web02", v1::TASK_STATE_COMPLETED, job_, 2));
  Advance(absl::Seconds(1));
  Restart();
  v1::GetJobResponse loaded = Get(job_);
  EXPECT_EQ(loaded.tasks(0).attempt().state(), v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(loaded.tasks(1).attempt().state(), v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(loaded.tasks(2).attempt().state(), v1::TASK_STATE_DISCONNECTED);
  ASSERT_THAT(loaded.earlier(), SizeIs(2));
  EXPECT_EQ(loaded.earlier(0).status().attempt().state(),
            v1::TASK_STATE_FAILED);
  Connect("web03", {MakeReport("web03", v1::TASK_STATE_RUNNING, job_, 2)});
  EXPECT_EQ(AssignedCount("web03"), 0u);
  EXPECT_EQ(LastWelcome("web03").directives(0).desired(),
            v1::DESIRED_STATE_RUN);
  Report("web03", MakeReport("web03", v1::TASK_STATE_COMPLETED, job_, 2));
  EXPECT_EQ(Get(job_).job().state(), v1::JOB_STATE_COMPLETED);
}

// It would run beside the attempt that followed it, out of everybody's reach.
TEST_F(RetryTest, WhatRunsOfAnOldAttemptIsStoppedAndItsEndIsKept) {
  Enroll({"web01"});
  ConnectAll();
  prepared_ = Prepare({"web01"});
  job_ = Start(prepared_);
  Report("web01", v1::TASK_STATE_RUNNING);
  Disconnect("web01");
  Advance(absl::Hours(25));
  ASSERT_EQ(StateOf(job_), v1::TASK_STATE_UNKNOWN);
  TUTTI_ASSERT_OK(Retry(2, {"web01"}));
  Connect("web01", {MakeReport("web01", v1::TASK_STATE_RUNNING, job_, 1)});
  EXPECT_EQ(LastWelcome("web01").directives(0).desired(),
            v1::DESIRED_STATE_STOP);
  TakeDirectives("web01");
  Report("web01", MakeReport("web01", v1::TASK_STATE_STOPPED, job_, 1));
  const auto directives = TakeDirectives("web01");
  ASSERT_THAT(directives, SizeIs(1));
  EXPECT_EQ(directives[0].desired(), v1::DESIRED_STATE_FORGET);
  EXPECT_EQ(directives[0].key().attempt(), 1u);
  Restart();
  ASSERT_THAT(Get(job_).earlier(), SizeIs(1));
  EXPECT_EQ(Get(job_).earlier(0).status().attempt().state(),
            v1::TASK_STATE_STOPPED);
}

// Ctrl-C holds a job back before it stops it; nothing would ever start again.
TEST_F(RetryTest, AHoldEndsWithTheJob) {
  Enroll({"web01"});
  ConnectAll();
  prepared_ = Prepare({"web01"});
  job_ = Start(prepared_);
  TUTTI_ASSERT_OK(Hold(job_, true));
  TUTTI_ASSERT_OK(Suspend(job_, true));
  TUTTI_ASSERT_OK(Stop(job_));
  Report("web01", v1::TASK_STATE_STOPPED);
  Advance(absl::Seconds(1));
  TUTTI_ASSERT_OK(Retry(2, {"web01"}));
  EXPECT_EQ(AssignedCount("web01"), 2u);
  Restart();
  EXPECT_FALSE(Get(job_).job().held());
}

TEST_F(RetryTest, StoppingARetryLeavesWhatCameBefore) {
  RunOnce();
  TUTTI_ASSERT_OK(Retry(2, {"web02"}));
  TUTTI_ASSERT_OK(Stop(job_));
  Report("web02", MakeReport("web02", v1::TASK_STATE_STOPPED, job_, 2));
  EXPECT_EQ(StateOf(job_, 0), v1::TASK_STATE_COMPLETED);
  EXPECT_EQ(StateOf(job_, 1), v1::TASK_STATE_STOPPED);
  EXPECT_EQ(StateOf(job_, 2), v1::TASK_STATE_FAILED);
  Advance(absl::Seconds(1));
  TUTTI_ASSERT_OK(Retry(3, {"web02"}));
  EXPECT_EQ(StateOf(job_, 1), v1::TASK_STATE_ASSIGNED);
}

TEST_F(RetryTest, ARetryHasARolloutOfItsOwn) {
  RunOnce();
  controller::PreparedJob retry =
      PrepareRetry(prepared_, 2, {"web02", "web03"});
  retry.request.mutable_rollout()->set_max_failures(1);
  Submit(std::move(retry));
  effects_->CommitAll();
  EXPECT_EQ(AssignedCount("web02"), 2u);
  EXPECT_EQ(AssignedCount("web03"), 1u);
  Fail("web02", "again\n", 2);
  EXPECT_EQ(StateOf(job_, 2), v1::TASK_STATE_SKIPPED);
}

TEST_F(RetryTest, AnExpressionNamesTheTasks) {
  RunOnce();
  v1::GetJobRequest request;
  request.mutable_job()->set_number(job_);
  request.add_targets("web*!web02");
  std::vector<std::string> selected;
  core_->GetJob("alice", request, [&](const auto& response) {
    TUTTI_ASSERT_OK(response);
    selected = {response->selected()};
  });
  EXPECT_THAT(selected, ElementsAre("web[01,03]"));
}

}  // namespace
}  // namespace tutti::testing
