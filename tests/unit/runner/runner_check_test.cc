// Whether the runner would start an attempt, without starting it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/duration.h"
#include "common/base/files.h"
#include "tests/unit/runner/test_runner.h"

namespace tutti::runner {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::tutti::testing::TestRunner;

TEST(RunnerCheckTest, AcceptsAndRunsNothing) {
  TestRunner runner;
  const std::string ran = runner.directory().path() + "/ran";
  const tutti::v1::JobSpec spec = TestRunner::Spec({"touch", ran});
  EXPECT_EQ(runner.Check(spec).refusal(), "");
  EXPECT_FALSE(ReadFile(ran).ok());
  // Nothing is known of it, now and after a restart; so it starts.
  runner.Restart();
  EXPECT_THAT(runner.States(), IsEmpty());
  const v1::AttemptState state = runner.Run(spec);
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_COMPLETED);
  EXPECT_TRUE(ReadFile(ran).ok());
}

TEST(RunnerCheckTest, RefusesWhatAStartWouldRefuseAndForgetsIt) {
  TestRunner runner;
  tutti::v1::JobSpec nobody = TestRunner::Spec({"true"});
  nobody.set_user("no-such-user-of-ours");
  EXPECT_THAT(runner.Check(nobody).refusal(), HasSubstr("no-such-user"));
  tutti::v1::JobSpec stale = TestRunner::Spec({"true"});
  *stale.mutable_expires_at() =
      ToProto(runner.clock().Now() - absl::Minutes(10));
  *stale.mutable_issued_at() = ToProto(runner.clock().Now() - absl::Hours(1));
  EXPECT_THAT(runner.Check(stale).refusal(), HasSubstr("expired"));
  EXPECT_THAT(runner.States(), IsEmpty());
  // What was refused then is refused for itself, in the same words.
  const v1::AttemptState state = runner.Run(nobody);
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_REFUSED);
  EXPECT_EQ(state.status().outcome().reason(), runner.Check(nobody).refusal());
}

}  // namespace
}  // namespace tutti::runner
