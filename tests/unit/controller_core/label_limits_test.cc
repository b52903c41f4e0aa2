// Never too many of one rack at once.
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LabelLimitsTest : public CoreFixture {
 protected:
  LabelLimitsTest() {
    Enroll(names_);
    ConnectAll();
    Label("web[01-03]", "rack", "a");
    Label("web[04-05]", "rack", "b");
  }

  void Label(const std::string& targets, const std::string& label,
             const std::string& value) {
    v1::LabelAgentsRequest request;
    request.add_expressions(targets);
    if (value.empty()) {
      request.add_remove(label);
    } else {
      (*request.mutable_set())[label] = value;
    }
    core_->LabelAgents("alice", request, [](const auto& response) {
      EXPECT_THAT(response, IsOk());
    });
    effects_->CommitAll();
  }

  controller::PreparedJob PrepareWith(const std::string& label, uint32_t max) {
    controller::PreparedJob prepared = Prepare(names_);
    v1::MaxPerLabel& limit =
        *prepared.request.mutable_rollout()->add_max_per_label();
    limit.set_label(label);
    limit.set_max(max);
    return prepared;
  }
  uint64_t StartWith(const std::string& label, uint32_t max) {
    return Start(PrepareWith(label, max));
  }
  absl::Status SetLimit(uint64_t job, const std::string& label, uint32_t max) {
    v1::SetJobRequest request;
    v1::MaxPerLabel& limit = *request.add_max_per_label();
    limit.set_label(label);
    limit.set_max(max);
    return Set(job, request);
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

  const std::vector<std::string> names_ = {"web01", "web02", "web03", "web04",
                                           "web05"};
};

TEST_F(LabelLimitsTest, OneOfEachRackAtATime) {
  StartWith("rack", 1);
  EXPECT_THAT(Assigned(), ElementsAre("web01", "web04"));
  Complete("web04");
  EXPECT_THAT(Assigned(), ElementsAre("web01", "web04", "web05"));
  Report("web01", v1::TASK_STATE_FAILED);
  EXPECT_THAT(Assigned(), ElementsAre("web01", "web02", "web04", "web05"));
}

TEST_F(LabelLimitsTest, CanBeChangedAndTakenAway) {
  const uint64_t job = StartWith("rack", 1);
  Label("all", "row", "1");
  EXPECT_THAT(SetLimit(job, "rak", 1),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("did you mean rack?")));
  TUTTI_ASSERT_OK(SetLimit(job, "row", 3));
  TUTTI_ASSERT_OK(SetLimit(job, "rack", 2));
  EXPECT_THAT(Assigned(), ElementsAre("web01", "web02", "web04"));
  TUTTI_ASSERT_OK(SetLimit(job, "row", 0));
  EXPECT_THAT(Assigned(), ElementsAre("web01", "web02", "web04", "web05"));
  TUTTI_ASSERT_OK(SetLimit(job, "rack", 0));
  EXPECT_THAT(Assigned(),
              ElementsAre("web01", "web02", "web03", "web04", "web05"));
}

// If this fails, a rack loses two hosts when the controller is started again.
TEST_F(LabelLimitsTest, HoldsAfterARestart) {
  const uint64_t job = StartWith("rack", 2);
  TUTTI_ASSERT_OK(SetLimit(job, "rack", 1));
  const v1::AttemptReport running = MakeReport("web01", v1::TASK_STATE_RUNNING);
  Complete("web02");
  Complete("web04");
  Advance(absl::Seconds(2));
  Restart();
  Connect("web01", {running});
  Connect("web03");
  EXPECT_EQ(StateOf(job, 2), v1::TASK_STATE_PENDING);
  Complete("web01");
  EXPECT_EQ(StateOf(job, 2), v1::TASK_STATE_ASSIGNED);
}

TEST_F(LabelLimitsTest, ARetryHasItsOwn) {
  const controller::PreparedJob first = Prepare(names_);
  const uint64_t job = Start(first);
  for (const std::string& name : names_) {
    Report(name, v1::TASK_STATE_FAILED);
  }
  Advance(absl::Seconds(2));
  controller::PreparedJob retry =
      PrepareRetry(first, 2, {"web02", "web03", "web05"});
  v1::Rollout& rollout = *retry.request.mutable_rollout();
  rollout.add_max_per_label()->set_label("rack");
  rollout.mutable_max_per_label(0)->set_max(1);
  rollout.set_quorum(1);
  EXPECT_THAT(**Submit(retry), StatusIs(absl::StatusCode::kInvalidArgument,
                                        HasSubstr("a retry can have none")));
  rollout.clear_quorum();
  Start(std::move(retry));
  EXPECT_EQ(StateOf(job, 1), v1::TASK_STATE_ASSIGNED);
  EXPECT_EQ(StateOf(job, 2), v1::TASK_STATE_PENDING);
  EXPECT_EQ(StateOf(job, 4), v1::TASK_STATE_ASSIGNED);
}

TEST_F(LabelLimitsTest, HostsWithoutTheLabelAreNamed) {
  Label("web[02-03]", "rack", "");
  const auto answer = Submit(PrepareWith("rack", 1));
  EXPECT_THAT(**answer,
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("'rack'"), HasSubstr("web[02-03]"))));
  for (const char* label : {"rak", "online", "name"}) {
    EXPECT_THAT(**Submit(PrepareWith(label, 1)),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(label)));
  }
}

}  // namespace
}  // namespace tutti::testing
