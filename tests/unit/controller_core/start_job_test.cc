// Starting a job.
#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class StartJobTest : public CoreFixture {};

// Two answers that were both waiting for the journal, and one after it.
TEST_F(StartJobTest, SameEnvelopeAgainGetsTheSameAnswer) {
  Enroll({"web01"});
  ConnectAll();
  const controller::PreparedJob job = Prepare({"web01"});
  const auto first = Submit(job);
  const auto second = Submit(job);
  EXPECT_FALSE(first->has_value());
  effects_->CommitAll();
  const auto third = Submit(job);
  const uint64_t number = (**first)->number();
  EXPECT_FALSE((**first)->existed());
  EXPECT_EQ((**second)->number(), number);
  EXPECT_TRUE((**second)->existed());
  EXPECT_EQ((**third)->number(), number);
  EXPECT_TRUE((**third)->existed());
  EXPECT_EQ(AssignedCount("web01"), 1u);
}

TEST_F(StartJobTest, SameEnvelopeIsKnownAfterARestart) {
  Enroll({"web01"});
  ConnectAll();
  const controller::PreparedJob job = Prepare({"web01"});
  const uint64_t number = Start(job);
  Restart();
  const auto again = Submit(job);
  EXPECT_EQ((**again)->number(), number);
  EXPECT_TRUE((**again)->existed());
}

TEST_F(StartJobTest, AnotherEnvelopeUnderTheSameUuidIsRefused) {
  Enroll({"web01"});
  controller::PreparedJob job = Prepare({"web01"});
  Submit(job);
  job.envelope = std::make_shared<const std::string>("other");
  const auto other = Submit(job);
  EXPECT_THAT(**other, StatusIs(absl::StatusCode::kAlreadyExists,
                                HasSubstr("another job has the UUID")));
}

// What a delegation allows ends with the job that holds its key.
TEST_F(StartJobTest, ADelegatesJobNeedsTheJobThatDelegated) {
  Enroll({"web01", "web02"});
  ConnectAll();
  const uint64_t parent = Start({"web01"});
  OpenedDelegation delegation;
  delegation.job = *Uuid::FromBytes(Get(parent).job().uuid());
  controller::PreparedJob job = Prepare({"web02"}, 100);
  job.opened.delegation = delegation;
  const uint64_t child = Start(job);
  EXPECT_EQ(Get(child).job().delegating_job(), delegation.job.bytes());
  v1::JobSelector selector;
  selector.set_number(child);
  TUTTI_EXPECT_OK(core_->CheckDelegated("alice", delegation.job, selector));
  selector.set_number(parent);
  EXPECT_THAT(core_->CheckDelegated("alice", delegation.job, selector),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("not started through this delegation")));

  // Another operator's key gives no power over what this one started.
  selector.set_number(child);
  EXPECT_THAT(
      core_->CheckDelegated("bob", delegation.job, selector),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("has ended")));

  // It may take its time to end.
  TUTTI_ASSERT_OK(Stop(parent));
  job = Prepare({"web02"}, 150);
  job.opened.delegation = delegation;
  EXPECT_THAT(**Submit(job), StatusIs(absl::StatusCode::kFailedPrecondition,
                                      HasSubstr("has ended")));
  EXPECT_THAT(
      core_->CheckDelegated("alice", delegation.job, selector),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("has ended")));
  Complete("web01", "", parent);
  effects_->CommitAll();
  job = Prepare({"web02"}, 200);
  job.opened.delegation = delegation;
  EXPECT_THAT(**Submit(job), StatusIs(absl::StatusCode::kFailedPrecondition,
                                      HasSubstr("has ended")));
  job.opened.delegation->job = Uuid::Generate(clock_.Now());
  EXPECT_THAT(**Submit(job), StatusIs(absl::StatusCode::kFailedPrecondition,
                                      HasSubstr("has ended")));
}

TEST_F(StartJobTest, UnknownNamesAreNamedFolded) {
  Enroll({"web01"});
  const auto answer = Submit(Prepare({"web01", "web02", "web03"}));
  EXPECT_THAT(**answer, StatusIs(absl::StatusCode::kInvalidArgument,
                                 HasSubstr("web[02-03]")));
}

TEST_F(StartJobTest, ListThatIsNotTheSignedOneIsRefused) {
  Enroll({"web01", "web02"});
  controller::PreparedJob job = Prepare({"web01", "web02"});
  job.opened.spec.set_target_count(3);
  EXPECT_THAT(**Submit(job), StatusIs(absl::StatusCode::kInvalidArgument,
                                      HasSubstr("not the one that was")));
  job = Prepare({"web01", "web02"});
  job.opened.spec.set_targets_root(std::string(32, 'x'));
  EXPECT_THAT(**Submit(job), StatusIs(absl::StatusCode::kInvalidArgument,
                                      HasSubstr("not the one that was")));
  job = Prepare({"web01", "web02"});
  job.opened.spec.set_fleet("other");
  EXPECT_THAT(**Submit(job), StatusIs(absl::StatusCode::kInvalidArgument,
                                      HasSubstr("'other'")));
}

TEST_F(StartJobTest, JobThatCanNotBeJournaledNeverWas) {
  Enroll({"web01"});
  ConnectAll();
  const controller::PreparedJob job = Prepare({"web01"});
  const auto answer = Submit(job);
  effects_->CommitOne(absl::UnavailableError("disk full"));
  EXPECT_THAT(**answer,
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("disk full")));
  EXPECT_EQ(AssignedCount("web01"), 0u);
  EXPECT_GT(Start(job), 0u);
  EXPECT_EQ(AssignedCount("web01"), 1u);
}

TEST_F(StartJobTest, EveryTargetGetsTheSameBytesAndItsOwnProof) {
  Enroll({"web01", "web02", "web03"});
  ConnectAll();
  const controller::PreparedJob job = Prepare({"web01", "web02", "web03"});
  Start(job);
  for (const std::string& name : job.targets) {
    const auto& assigned = effects_->assigned[session(name)];
    ASSERT_THAT(assigned, SizeIs(1));
    EXPECT_EQ(assigned[0].envelope.get(), job.envelope.get());
    EXPECT_EQ(assigned[0].rest.key().target(), name);
    EXPECT_THAT(CheckTarget(job.opened.spec, name, assigned[0].rest.proof()),
                IsOk());
  }
}

// Also after a restart: what has not been assigned needs them still.
TEST_F(StartJobTest, EveryTargetGetsItsOwnParameters) {
  Enroll({"web01", "web02", "web03"});
  Connect("web01");
  controller::PreparedJob job = Prepare({"web01", "web02", "web03"});
  for (const char* name : {"web01", "web03"}) {
    v1::JobParameters& entry = *job.request.add_parameters();
    entry.set_target(name);
    entry.set_parameters(std::string("of ") + name);
  }
  job.request.set_offline(v1::OFFLINE_POLICY_WAIT);
  SetTargets({"web01", "web02", "web03"}, job);
  Start(job);
  Restart();
  for (const std::string& name : job.targets) {
    Connect(name);
    const auto& assigned = effects_->assigned[session(name)];
    ASSERT_THAT(assigned, SizeIs(1)) << name;
    const v1::AssignTask& task = assigned[0].rest;
    EXPECT_EQ(task.parameters(), name == "web02" ? "" : "of " + name);
    EXPECT_THAT(
        CheckTarget(job.opened.spec, name, task.proof(), task.parameters()),
        IsOk());
  }
}

// The session died between the commit and the send.
TEST_F(StartJobTest, TargetThatWentBeforeTheCommitIsAssignedOnReturn) {
  Enroll({"web01"});
  ConnectAll();
  Submit(Prepare({"web01"}));
  core_->OnSessionClosed(session("web01"));
  effects_->CommitAll();
  EXPECT_EQ(StateOf(1), v1::TASK_STATE_DISCONNECTED);
  Connect("web01");
  EXPECT_EQ(StateOf(1), v1::TASK_STATE_ASSIGNED);
  EXPECT_EQ(AssignedCount("web01"), 1u);
}

TEST_F(StartJobTest, TargetThatReturnedBeforeTheCommitIsAssignedOnce) {
  Enroll({"web01"});
  ConnectAll();
  Submit(Prepare({"web01"}));
  core_->OnSessionClosed(session("web01"));
  core_->OnHello(77, {"web01", std::string(32, 'k'), ""}, {});
  EXPECT_EQ(AssignedCount("web01"), 0u);
  effects_->CommitAll();
  EXPECT_EQ(AssignedCount("web01"), 1u);
}

class SecretsTest : public StartJobTest {
 protected:
  controller::PreparedJob PrepareSecret(
      const std::vector<std::string>& targets) {
    controller::PreparedJob job = Prepare(targets);
    v1::Secret& secret = *job.request.add_secrets();
    secret.set_name("TOKEN");
    secret.set_value("hunter2");
    job.opened.spec.add_secrets()->set_name("TOKEN");
    job.request.set_offline(v1::OFFLINE_POLICY_WAIT);
    SetTargets(targets, job);
    return job;
  }
  std::string SentTo(const std::string& name) {
    const auto& assigned = effects_->assigned[session(name)];
    if (assigned.empty() || assigned.back().rest.secrets().empty()) return "";
    return assigned.back().rest.secrets(0).value();
  }
};

TEST_F(SecretsTest, GoAlongUntilEverythingHasStarted) {
  Enroll({"web01", "web02"});
  Connect("web01");
  Start(PrepareSecret({"web01", "web02"}));
  EXPECT_EQ(SentTo("web01"), "hunter2");
  // It did not arrive.
  Disconnect("web01");
  Connect("web01");
  EXPECT_EQ(SentTo("web01"), "hunter2");
  Report("web01", v1::TASK_STATE_RUNNING);
  Connect("web02");
  EXPECT_EQ(SentTo("web02"), "hunter2");
  Report("web02", v1::TASK_STATE_RUNNING);
  // Both have it: the controller has not any more.
  Disconnect("web02");
  Connect("web02");
  EXPECT_EQ(SentTo("web02"), "");
}

// If this fails, a job starts without its secrets, or they were on the disk.
TEST_F(SecretsTest, AreLostWithTheController) {
  Enroll({"web01", "web02"});
  Connect("web01");
  const uint64_t job = Start(PrepareSecret({"web01", "web02"}));
  Restart();
  const v1::TaskStatus task = GetTask(job, 1);
  EXPECT_EQ(task.attempt().state(), v1::TASK_STATE_SKIPPED);
  EXPECT_THAT(task.attempt().outcome().reason(),
              HasSubstr("its secrets were lost with the controller's restart"));
  // It may have started: the target is asked, and says no if it has not.
  EXPECT_EQ(StateOf(job, 0), v1::TASK_STATE_DISCONNECTED);
  Connect("web01");
  EXPECT_EQ(AssignedCount("web01"), 1u);
  EXPECT_EQ(SentTo("web01"), "");
}

class FullTest : public StartJobTest {
 protected:
  FullTest() { settings_.max_jobs = 2; }
};

TEST_F(FullTest, OldestFinalJobMakesRoomAndUnfinishedOnesStay) {
  Enroll({"web01"});
  ConnectAll();
  const uint64_t first = Start({"web01"});
  Complete("web01", "", first);
  const uint64_t second = Start({"web01"});
  const uint64_t third = Start({"web01"});
  v1::ListJobsResponse jobs;
  core_->ListJobs("alice", {}, [&](auto response) { jobs = *response; });
  ASSERT_EQ(jobs.jobs_size(), 2);
  EXPECT_EQ(jobs.jobs(0).number(), third);
  EXPECT_EQ(jobs.jobs(1).number(), second);
  EXPECT_THAT(**Submit(Prepare({"web01"}, 100)),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr("2 jobs"), HasSubstr("max_jobs"))));
}

}  // namespace
}  // namespace tutti::testing
