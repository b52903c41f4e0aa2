// Targets that a job's condition leaves out.
#include "tests/unit/controller_core/core_fixture.h"

namespace tutti::testing {
namespace {

class ConditionTest : public CoreFixture {
 protected:
  ConditionTest() {
    Enroll({"web01", "web02"});
    ConnectAll();
    prepared_ = Prepare({"web01", "web02"});
    prepared_.opened.spec.mutable_condition()->set_sql("SELECT 1");
    SetTargets({"web01", "web02"}, prepared_);
    job_ = Start(prepared_);
  }
  void ReportUnmatched(const std::string& name, v1::TaskState state,
                       uint64_t job) {
    v1::AttemptReport report = MakeReport(name, state, job);
    report.mutable_status()->mutable_outcome()->set_unmatched(true);
    Report(name, std::move(report));
  }

  controller::PreparedJob prepared_;
  uint64_t job_ = 0;
};

TEST_F(ConditionTest, TheyAreNoFailureAndStayKnownAfterARestart) {
  ReportUnmatched("web01", v1::TASK_STATE_SKIPPED, job_);
  Complete("web02");
  EXPECT_EQ(Get(job_).job().state(), v1::JOB_STATE_COMPLETED);
  Advance(absl::Seconds(1));
  Restart();
  EXPECT_EQ(Get(job_).job().state(), v1::JOB_STATE_COMPLETED)
      << Get(job_).ShortDebugString();
  EXPECT_TRUE(GetTask(job_).attempt().outcome().unmatched());
}

// Otherwise one target could hide that others were left out.
TEST_F(ConditionTest, ATaskThatIsTriedAgainCountsAsItEndsThen) {
  ReportUnmatched("web01", v1::TASK_STATE_SKIPPED, job_);
  Complete("web02");
  const auto answer = Submit(PrepareRetry(prepared_, 2, {"web01"}));
  effects_->CommitAll();
  ASSERT_TRUE(answer->has_value());
  TUTTI_ASSERT_OK((*answer)->status());
  Disconnect("web01");
  TUTTI_ASSERT_OK(Stop(job_));
  Advance(absl::Hours(25));
  EXPECT_NE(Get(job_).job().state(), v1::JOB_STATE_COMPLETED);
}

TEST_F(ConditionTest, OnlyWhatIsSkippedIsLeftOut) {
  ReportUnmatched("web01", v1::TASK_STATE_FAILED, job_);
  Complete("web02");
  EXPECT_FALSE(GetTask(job_).attempt().outcome().unmatched());
  EXPECT_EQ(Get(job_).job().state(), v1::JOB_STATE_FAILED);
}

// A target has no say in it otherwise.
TEST_F(ConditionTest, WithoutAConditionNoTargetSkipsATask) {
  const uint64_t plain = Start({"web01"});
  ReportUnmatched("web01", v1::TASK_STATE_SKIPPED, plain);
  EXPECT_EQ(StateOf(plain), v1::TASK_STATE_ASSIGNED);
}

}  // namespace
}  // namespace tutti::testing
