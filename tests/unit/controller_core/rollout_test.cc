// Limits, batches and pauses of a job, as its targets and its journal see them.
#include <string>
#include <utility>
#include <vector>

#include "common/base/duration.h"
#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class RolloutTest : public CoreFixture {
 protected:
  RolloutTest() {
    for (int i = 1; i <= 9; ++i) {
      names_.push_back(fmt::format("web{:02}", i));
    }
  }

  // With a rollout that `set` fills in.
  template <typename Set>
  uint64_t StartWith(const std::vector<std::string>& targets, Set set) {
    controller::PreparedJob prepared = Prepare(targets);
    set(prepared.request);
    return Start(std::move(prepared));
  }

  std::vector<std::string> Assigned() {
    std::vector<std::string> assigned;
    for (const std::string& name : names_) {
      if (session(name) != 0 && AssignedCount(name) > 0) {
        assigned.push_back(name);
      }
    }
    return assigned;
  }

  uint32_t Count(uint64_t job, v1::TaskState state) {
    const v1::GetJobResponse response = Get(job);
    for (const auto& entry : response.job().counts().entries()) {
      if (entry.state() == state) return entry.count();
    }
    return 0;
  }

  std::string ReasonOf(uint64_t job, uint32_t task) {
    return GetTask(job, task).attempt().outcome().reason();
  }

  std::vector<std::string> names_;
};

TEST_F(RolloutTest, MaxFailuresBoundsWhatIsInFlightAndSkipsTheRest) {
  Enroll(names_);
  ConnectAll();
  const uint64_t job = StartWith(names_, [](v1::StartJobRequest& request) {
    request.mutable_rollout()->set_max_failures(2);
  });
  EXPECT_THAT(Assigned(), ElementsAre("web01", "web02"));
  Complete("web01");
  EXPECT_THAT(Assigned(), SizeIs(3));
  Report("web02", v1::TASK_STATE_FAILED);
  EXPECT_THAT(Assigned(), SizeIs(3));
  Report("web03", v1::TASK_STATE_REFUSED);
  EXPECT_EQ(Count(job, v1::TASK_STATE_SKIPPED), 6u);
  EXPECT_EQ(ReasonOf(job, 8), "--max-failures 2 was reached");
  EXPECT_EQ(Get(job).job().state(), v1::JOB_STATE_FAILED);
}

TEST_F(RolloutTest, StopAfterLetsWhatRunsGoOn) {
  Enroll(names_);
  ConnectAll();
  const uint64_t job = StartWith(names_, [](v1::StartJobRequest& request) {
    request.set_fanout(3);
    request.mutable_rollout()->set_stop_after(1);
  });
  Report("web02", v1::TASK_STATE_FAILED);
  EXPECT_EQ(Count(job, v1::TASK_STATE_SKIPPED), 6u);
  EXPECT_EQ(ReasonOf(job, 5), "--stop-after 1 was reached");
  Advance(absl::Seconds(2));
  for (const auto& directive : TakeDirectives("web01")) {
    EXPECT_NE(directive.desired(), v1::DESIRED_STATE_STOP);
  }
  Complete("web01");
  Complete("web03");
  EXPECT_EQ(Count(job, v1::TASK_STATE_COMPLETED), 2u);
  EXPECT_EQ(Get(job).job().state(), v1::JOB_STATE_FAILED);
}

TEST_F(RolloutTest, StopRunningStopsWhatRunsAndSurvivesARestart) {
  Enroll(names_);
  ConnectAll();
  const uint64_t job = StartWith(names_, [](v1::StartJobRequest& request) {
    request.set_fanout(2);
    request.mutable_rollout()->set_stop_after(1);
    request.mutable_rollout()->set_stop_running(true);
  });
  const v1::AttemptReport running = MakeReport("web01", v1::TASK_STATE_RUNNING);
  Report("web02", v1::TASK_STATE_FAILED);
  const auto directives = TakeDirectives("web01");
  ASSERT_THAT(directives, SizeIs(1));
  EXPECT_EQ(directives[0].desired(), v1::DESIRED_STATE_STOP);
  EXPECT_EQ(Count(job, v1::TASK_STATE_SKIPPED), 7u);
  Advance(absl::Seconds(2));
  Restart();
  Connect("web01", {running});
  EXPECT_EQ(LastWelcome("web01").directives(0).desired(),
            v1::DESIRED_STATE_STOP);
  Report("web01", v1::TASK_STATE_STOPPED);
  EXPECT_EQ(Get(job).job().state(), v1::JOB_STATE_STOPPED);
}

TEST_F(RolloutTest, LostTargetCountsAsAFailure) {
  Enroll(names_);
  ConnectAll();
  const uint64_t job = StartWith(names_, [](v1::StartJobRequest& request) {
    request.mutable_rollout()->set_max_failures(1);
    *request.mutable_lost_after() = tutti::ToProto(absl::Minutes(1));
  });
  Disconnect("web01");
  Advance(absl::Seconds(59));
  EXPECT_EQ(Count(job, v1::TASK_STATE_SKIPPED), 0u);
  Advance(absl::Seconds(1));
  EXPECT_EQ(Count(job, v1::TASK_STATE_SKIPPED), 8u);
}

TEST_F(RolloutTest, BatchWaitsForTheLastOneAndItsPause) {
  Enroll(names_);
  ConnectAll();
  StartWith(names_, [](v1::StartJobRequest& request) {
    request.mutable_rollout()->set_batch(2);
    *request.mutable_rollout()->mutable_batch_wait() =
        tutti::ToProto(absl::Seconds(30));
  });
  EXPECT_THAT(Assigned(), ElementsAre("web01", "web02"));
  Complete("web02");
  Advance(absl::Minutes(5));
  EXPECT_THAT(Assigned(), SizeIs(2));
  Complete("web01");
  Advance(absl::Seconds(29));
  EXPECT_THAT(Assigned(), SizeIs(2));
  // Pauses do not go by the time of day.
  wall_clock_.Jump(-absl::Hours(1));
  Advance(absl::Seconds(1));
  EXPECT_THAT(Assigned(), ElementsAre("web01", "web02", "web03", "web04"));
}

TEST_F(RolloutTest, StartRateAndSplaySpreadTheStarts) {
  Enroll(names_);
  ConnectAll();
  StartWith(names_, [](v1::StartJobRequest& request) {
    *request.mutable_rollout()->mutable_start_interval() =
        tutti::ToProto(absl::Milliseconds(500));
  });
  EXPECT_THAT(Assigned(), SizeIs(1));
  Advance(absl::Seconds(2));
  EXPECT_THAT(Assigned(), SizeIs(5));
  Advance(absl::Seconds(2));
  EXPECT_THAT(Assigned(), SizeIs(9));
  const uint64_t splayed = StartWith(names_, [](v1::StartJobRequest& request) {
    *request.mutable_rollout()->mutable_splay() =
        tutti::ToProto(absl::Seconds(10));
  });
  EXPECT_GT(Count(splayed, v1::TASK_STATE_PENDING), 5u);
  Advance(absl::Seconds(10));
  EXPECT_EQ(Count(splayed, v1::TASK_STATE_PENDING), 0u);
}

// If this fails, a controller that is started again forgets what failed.
TEST_F(RolloutTest, FailuresAndRulesSurviveARestart) {
  Enroll(names_);
  ConnectAll();
  const uint64_t job = StartWith(names_, [](v1::StartJobRequest& request) {
    request.mutable_rollout()->set_max_failures(2);
  });
  Report("web01", v1::TASK_STATE_FAILED);
  Advance(absl::Seconds(1));
  Restart();
  for (const std::string& name : names_) {
    if (name != "web02") Connect(name);
  }
  EXPECT_THAT(Assigned(), SizeIs(0));
  Connect("web02", {MakeReport("web02", v1::TASK_STATE_COMPLETED)});
  EXPECT_THAT(Assigned(), ElementsAre("web03"));
  Report("web03", v1::TASK_STATE_FAILED);
  EXPECT_EQ(Count(job, v1::TASK_STATE_FAILED), 2u);
  EXPECT_EQ(Count(job, v1::TASK_STATE_SKIPPED), 6u);
}

TEST_F(RolloutTest, ThousandTargetsThatAllFailCostThreeFailures) {
  std::vector<std::string> names;
  for (int i = 1; i <= 1000; ++i) names.push_back(fmt::format("n{:04}", i));
  for (const uint32_t fanout : {0u, 1u, 2u, 500u}) {
    Enroll(names);
    ConnectAll();
    const uint64_t job = StartWith(names, [&](v1::StartJobRequest& request) {
      request.set_fanout(fanout);
      request.mutable_rollout()->set_max_failures(3);
    });
    // Those that were assigned fail together, as long as there are any.
    while (Count(job, v1::TASK_STATE_ASSIGNED) > 0) {
      const v1::GetJobResponse response = Get(job);
      for (int task = 0; task < response.tasks_size(); ++task) {
        if (response.tasks(task).attempt().state() == v1::TASK_STATE_ASSIGNED) {
          Report(names[task], v1::TASK_STATE_FAILED);
        }
      }
    }
    EXPECT_EQ(Count(job, v1::TASK_STATE_FAILED), 3u) << "fan-out " << fanout;
    EXPECT_EQ(Count(job, v1::TASK_STATE_SKIPPED), 997u);
  }
}

// Offline from the start, it is no failure; also when that was before a
// restart, at which everybody is offline.
TEST_F(RolloutTest, OfflineTargetsCountOnlyWhenAsked) {
  for (const bool count : {false, true}) {
    Enroll(names_);
    for (const char* name : {"web02", "web03"}) Connect(name);
    const uint64_t job = StartWith(
        {"web01", "web02", "web03"}, [&](v1::StartJobRequest& request) {
          request.set_offline(v1::OFFLINE_POLICY_WAIT);
          *request.mutable_offline_wait() = tutti::ToProto(absl::Minutes(1));
          request.mutable_rollout()->set_max_failures(1);
          request.mutable_rollout()->set_count_offline(count);
        });
    Restart();
    Connect("web02", {MakeReport("web02", v1::TASK_STATE_RUNNING)});
    Connect("web03");
    Advance(absl::Minutes(2));
    Complete("web02");
    EXPECT_EQ(StateOf(job, 0), v1::TASK_STATE_EXPIRED);
    EXPECT_EQ(StateOf(job, 2),
              count ? v1::TASK_STATE_SKIPPED : v1::TASK_STATE_ASSIGNED);
  }
}

// Those that are given up wait for what is in flight, so that no more fail.
TEST_F(RolloutTest, OfflineTargetsThatCountKeepToMaxFailures) {
  Enroll(names_);
  for (const std::string& name : names_) {
    if (name > "web04") Connect(name);
  }
  const uint64_t job = StartWith(names_, [](v1::StartJobRequest& request) {
    request.mutable_rollout()->set_max_failures(2);
    request.mutable_rollout()->set_count_offline(true);
  });
  EXPECT_EQ(Count(job, v1::TASK_STATE_EXPIRED), 0u);
  Complete("web05");
  EXPECT_EQ(Count(job, v1::TASK_STATE_EXPIRED), 1u);
  Complete("web06");
  EXPECT_EQ(Count(job, v1::TASK_STATE_EXPIRED), 2u);
  EXPECT_EQ(Count(job, v1::TASK_STATE_SKIPPED), 5u);
}

class CanaryTest : public RolloutTest {
 protected:
  uint64_t StartCanary() {
    return StartWith(names_, [](v1::StartJobRequest& request) {
      request.mutable_rollout()->set_canary(1);
      *request.mutable_rollout()->mutable_canary_wait() =
          tutti::ToProto(absl::Minutes(10));
    });
  }
  // The others are offline.
  uint64_t StartCanaryThatFails() {
    Enroll(names_);
    Connect("web01");
    controller::PreparedJob prepared = Prepare(names_);
    prepared.request.mutable_rollout()->set_canary(1);
    prepared.request.set_offline(v1::OFFLINE_POLICY_WAIT);
    const uint64_t job = Start(std::move(prepared));
    Report("web01", v1::TASK_STATE_FAILED);
    return job;
  }
  absl::Status Approve(uint64_t job) {
    v1::ApproveJobRequest request;
    request.mutable_job()->set_number(job);
    absl::Status status = absl::UnknownError("no answer");
    core_->ApproveJob("alice", request, [&](const auto& response) {
      status = response.status();
    });
    effects_->CommitAll();
    return status;
  }

  absl::Status SetCanary(uint64_t job, uint32_t size) {
    v1::SetJobRequest request;
    request.set_canary(size);
    return Set(job, request);
  }
};

TEST_F(CanaryTest, OthersFollowOneThatCompleted) {
  Enroll(names_);
  ConnectAll();
  const uint64_t job = StartCanary();
  EXPECT_THAT(Assigned(), SizeIs(1));
  EXPECT_THAT(Approve(job), StatusIs(absl::StatusCode::kFailedPrecondition,
                                     HasSubstr("does not wait for approval")));
  Complete("web01");
  EXPECT_EQ(Get(job).job().state(), v1::JOB_STATE_PENDING);
  Advance(absl::Minutes(10) - absl::Seconds(1));
  EXPECT_THAT(Assigned(), SizeIs(1));
  Advance(absl::Seconds(1));
  EXPECT_THAT(Assigned(), SizeIs(9));
}

TEST_F(CanaryTest, OneThatFailedBlocksUntilApprovedAlsoOverARestart) {
  Enroll(names_);
  ConnectAll();
  const uint64_t job = StartCanary();
  OpenWatch(1, job);
  Report("web01", v1::TASK_STATE_FAILED);
  Advance(absl::Minutes(20));
  EXPECT_THAT(Assigned(), SizeIs(1));
  EXPECT_EQ(Drain(1).job.state(), v1::JOB_STATE_BLOCKED);
  Restart();
  for (const std::string& name : names_) Connect(name);
  EXPECT_EQ(Get(job).job().state(), v1::JOB_STATE_BLOCKED);
  EXPECT_THAT(Assigned(), SizeIs(0));
  TUTTI_ASSERT_OK(Approve(job));
  TUTTI_ASSERT_OK(Approve(job));
  EXPECT_THAT(Assigned(), SizeIs(8));
}

TEST_F(CanaryTest, ApprovalSurvivesARestart) {
  const uint64_t job = StartCanaryThatFails();
  Advance(absl::Seconds(1));
  TUTTI_ASSERT_OK(Approve(job));
  Restart();
  Connect("web05");
  EXPECT_THAT(Assigned(), ElementsAre("web05"));
}

// If this fails, a restart takes the approval of another canary for one of
// this, or starts what the operator has just held up.
TEST_F(CanaryTest, AnotherOneIsKeptToAlsoOverARestart) {
  Enroll(names_);
  ConnectAll();
  const uint64_t job = StartCanary();
  Report("web01", v1::TASK_STATE_FAILED);
  TUTTI_ASSERT_OK(SetCanary(job, 3));
  EXPECT_THAT(Assigned(), SizeIs(3));
  Complete("web02");
  Complete("web03");
  EXPECT_EQ(Get(job).job().state(), v1::JOB_STATE_BLOCKED);
  TUTTI_ASSERT_OK(Approve(job));
  EXPECT_THAT(Assigned(), SizeIs(9));
  EXPECT_THAT(
      SetCanary(job, 8),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("--canary 8: 9 tasks of job 1 have started or")));
}

TEST_F(CanaryTest, OneThatIsGivenAfterAnApprovalHoldsTheOthers) {
  const uint64_t job = StartCanaryThatFails();
  TUTTI_ASSERT_OK(Approve(job));
  TUTTI_ASSERT_OK(SetCanary(job, 2));
  Advance(absl::Seconds(1));
  Restart();
  for (const std::string& name : names_) Connect(name);
  EXPECT_THAT(Assigned(), SizeIs(1));
  TUTTI_ASSERT_OK(SetCanary(job, 0));
  EXPECT_THAT(Assigned(), SizeIs(8));
}

TEST_F(RolloutTest, PausesOfWhatAJobDoesNotHaveAreRefused) {
  Enroll(names_);
  ConnectAll();
  const uint64_t job = StartWith(
      names_, [](v1::StartJobRequest& request) { request.set_fanout(1); });
  v1::SetJobRequest canary;
  *canary.mutable_canary_wait() = tutti::ToProto(absl::Seconds(5));
  EXPECT_THAT(Set(job, canary), StatusIs(absl::StatusCode::kInvalidArgument,
                                         HasSubstr("--canary-wait is")));
  v1::SetJobRequest batch;
  *batch.mutable_batch_wait() = tutti::ToProto(absl::Seconds(5));
  EXPECT_THAT(Set(job, batch), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("--batch-wait is")));
  v1::SetJobRequest quorum;
  quorum.set_quorum(1);
  EXPECT_THAT(Set(job, quorum),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("--quorum: job 1 waits for none")));
}

// A job that ends at its limit is not asked about.
TEST_F(CanaryTest, LimitEndsAJobInsteadOfBlockingIt) {
  Enroll(names_);
  ConnectAll();
  const uint64_t job = StartWith(names_, [](v1::StartJobRequest& request) {
    request.mutable_rollout()->set_canary(1);
    request.mutable_rollout()->set_max_failures(1);
  });
  Report("web01", v1::TASK_STATE_FAILED);
  EXPECT_EQ(Get(job).job().state(), v1::JOB_STATE_FAILED);
}

TEST_F(RolloutTest, BadRulesAreRefused) {
  Enroll(names_);
  controller::PreparedJob prepared = Prepare(names_);
  prepared.request.mutable_rollout()->set_stop_running(true);
  EXPECT_THAT(**Submit(std::move(prepared)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("there is no limit")));
}

}  // namespace
}  // namespace tutti::testing
