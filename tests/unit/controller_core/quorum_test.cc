// Nothing starts before enough targets have accepted.
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class QuorumTest : public CoreFixture {
 protected:
  QuorumTest() { Enroll(names_); }

  uint64_t StartWith(uint32_t quorum, uint32_t fanout = 0) {
    controller::PreparedJob prepared = Prepare(names_);
    prepared.request.set_fanout(fanout);
    prepared.request.mutable_rollout()->set_quorum(quorum);
    return Start(std::move(prepared));
  }

  // Who was sent the job, to be checked or to be started.
  std::vector<std::string> Sent(bool check_only) {
    std::vector<std::string> names;
    for (const std::string& name : names_) {
      if (session(name) == 0) continue;
      for (const auto& assignment : effects_->assigned[session(name)]) {
        if (assignment.rest.check_only() == check_only) names.push_back(name);
      }
    }
    return names;
  }
  std::vector<std::string> Asked() { return Sent(/*check_only=*/true); }
  std::vector<std::string> Assigned() { return Sent(/*check_only=*/false); }

  void Say(const std::string& name, const std::string& refusal = "") {
    v1::AgentReport report;
    v1::AttemptVerdict& verdict = *report.add_verdicts();
    *verdict.mutable_key() = MakeReport(name, v1::TASK_STATE_RUNNING).key();
    verdict.set_refusal(refusal);
    core_->OnReport(session(name), std::move(report));
    effects_->CommitAll();
  }

  std::string ReasonOf(uint64_t job, uint32_t task) {
    return GetTask(job, task).attempt().outcome().reason();
  }

  const std::vector<std::string> names_ = {"web01", "web02", "web03"};
};

TEST_F(QuorumTest, StartsWhenEnoughHaveAccepted) {
  ConnectAll();
  const uint64_t job = StartWith(2, /*fanout=*/1);
  EXPECT_THAT(Asked(), ElementsAre("web01", "web02", "web03"));
  EXPECT_EQ(effects_->assigned[session("web02")][0].rest.key().target(),
            "web02");
  Say("web03");
  EXPECT_THAT(Assigned(), IsEmpty());
  EXPECT_EQ(StateOf(job, 2), v1::TASK_STATE_PENDING);
  Say("web01");
  // One at a time, as ever; also the one that has said nothing.
  EXPECT_THAT(Assigned(), ElementsAre("web01"));
  Complete("web01");
  EXPECT_THAT(Assigned(), ElementsAre("web01", "web02"));
  // Its turn tells.
  Say("web03", "too late");
  EXPECT_EQ(StateOf(job, 2), v1::TASK_STATE_PENDING);
  EXPECT_THAT(Asked(), ElementsAre("web01", "web02", "web03"));
}

// If this fails, some hosts are changed although too few of them take it.
TEST_F(QuorumTest, EndsWhenItCanNotBeReached) {
  ConnectAll();
  const uint64_t job = StartWith(2);
  Say("web01");
  Say("web02", "no user 'bob'");
  EXPECT_EQ(StateOf(job, 1), v1::TASK_STATE_REFUSED);
  EXPECT_EQ(ReasonOf(job, 1), "no user 'bob'");
  EXPECT_EQ(StateOf(job, 0), v1::TASK_STATE_PENDING);
  Say("web03", "no user 'bob'");
  EXPECT_EQ(StateOf(job, 0), v1::TASK_STATE_SKIPPED);
  EXPECT_EQ(
      ReasonOf(job, 0),
      "the quorum of 2 can not be reached: 2 of 3 refused, are offline or "
      "were stopped");
  EXPECT_THAT(Assigned(), IsEmpty());
  EXPECT_EQ(Get(job).job().state(), v1::JOB_STATE_FAILED);
  Advance(absl::Seconds(2));
  Restart();
  EXPECT_EQ(StateOf(job, 1), v1::TASK_STATE_REFUSED);
  EXPECT_EQ(StateOf(job, 0), v1::TASK_STATE_SKIPPED);
}

TEST_F(QuorumTest, WhoIsOfflineIsAskedWhenItComesAndGivenUpWhenNot) {
  Connect("web01");
  const uint64_t job = StartWith(2);
  // Nobody else has been seen for long.
  EXPECT_THAT(Asked(), IsEmpty());
  EXPECT_EQ(StateOf(job, 1), v1::TASK_STATE_EXPIRED);
  EXPECT_THAT(ReasonOf(job, 0), HasSubstr("2 of 3 refused, are offline or"));

  ConnectAll();
  const uint64_t other = StartWith(3);
  for (const std::string& name : names_) Say(name == "web02" ? "web03" : name);
  Disconnect("web03");
  Say("web02");
  EXPECT_THAT(Assigned(), IsEmpty());
  Connect("web03");
  EXPECT_EQ(AssignedCount("web03"), 1u);
  Say("web03");
  EXPECT_EQ(StateOf(other, 2), v1::TASK_STATE_ASSIGNED);
  EXPECT_EQ(StateOf(other, 0), v1::TASK_STATE_ASSIGNED);
}

// If this fails, one target whose runner is gone holds up a job for ever.
TEST_F(QuorumTest, ASilentTargetHoldsItUpNoLongerThanTheJobIsValid) {
  ConnectAll();
  const uint64_t job = StartWith(3);
  Say("web01");
  Say("web02");
  Advance(absl::Hours(47));
  EXPECT_EQ(StateOf(job, 0), v1::TASK_STATE_PENDING);
  Advance(absl::Hours(2));
  EXPECT_EQ(StateOf(job, 2), v1::TASK_STATE_SKIPPED);
  EXPECT_EQ(ReasonOf(job, 0),
            "the quorum of 3 was not reached while the job was valid");
}

TEST_F(QuorumTest, StoppingEndsIt) {
  ConnectAll();
  const uint64_t job = StartWith(3);
  Say("web01");
  TUTTI_ASSERT_OK(Stop(job));
  EXPECT_EQ(ReasonOf(job, 0), "the job was stopped");
  EXPECT_EQ(Get(job).job().state(), v1::JOB_STATE_STOPPED);

  const uint64_t other = StartWith(3);
  v1::StopJobRequest request;
  request.add_targets("web02");
  TUTTI_ASSERT_OK(Stop(other, request));
  EXPECT_EQ(ReasonOf(other, 1), "it was stopped");
  EXPECT_THAT(ReasonOf(other, 0), HasSubstr("the quorum of 3"));
}

// If this fails, a controller that is started again starts what nobody has
// accepted, or asks once more where it had begun.
TEST_F(QuorumTest, BeginsAnewAfterARestartUnlessItHadBegun) {
  ConnectAll();
  const uint64_t job = StartWith(2, /*fanout=*/1);
  Say("web01");
  Say("web02", "no");
  Restart();
  for (const std::string& name : names_) Connect(name);
  EXPECT_EQ(StateOf(job, 1), v1::TASK_STATE_REFUSED);
  EXPECT_THAT(Asked(), ElementsAre("web01", "web03"));
  Say("web03");
  EXPECT_THAT(Assigned(), IsEmpty());
  Say("web01");
  EXPECT_THAT(Assigned(), ElementsAre("web01"));
  Complete("web01");
  Restart();
  Connect("web03");
  EXPECT_THAT(Asked(), IsEmpty());
  EXPECT_THAT(Assigned(), ElementsAre("web03"));
}

TEST_F(QuorumTest, IsChangedUntilItIsReachedAlsoOverARestart) {
  ConnectAll();
  const uint64_t job = StartWith(3);
  Say("web01");
  Say("web02", "no user 'bob'");
  // Otherwise it would be out of reach.
  const uint64_t other = StartWith(3);
  Say("web01");
  v1::SetJobRequest request;
  request.set_quorum(2);
  TUTTI_ASSERT_OK(Set(other, request));
  EXPECT_THAT(Assigned(), IsEmpty());
  Advance(absl::Seconds(1));
  Restart();
  for (const std::string& name : names_) Connect(name);
  request.set_quorum(4);
  EXPECT_THAT(
      Set(other, request),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("--quorum 4: only 3 targets of job 2 can still")));
  Say("web01");
  EXPECT_THAT(Assigned(), IsEmpty());
  request.set_quorum(1);
  TUTTI_ASSERT_OK(Set(other, request));
  EXPECT_EQ(StateOf(other, 2), v1::TASK_STATE_ASSIGNED);
  EXPECT_THAT(Set(other, request),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("waits for none")));
  EXPECT_EQ(Get(job).job().state(), v1::JOB_STATE_FAILED);
}

TEST_F(QuorumTest, OneThatCanNotBeIsRefused) {
  controller::PreparedJob prepared = Prepare(names_);
  prepared.request.mutable_rollout()->set_quorum(4);
  const auto answer = Submit(prepared);
  EXPECT_THAT(**answer, StatusIs(absl::StatusCode::kInvalidArgument,
                                 HasSubstr("send 3 or less")));
}

}  // namespace
}  // namespace tutti::testing
