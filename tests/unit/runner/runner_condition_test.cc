// The condition that comes before a start, with a shell in place of queries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "common/base/files.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/wait.h"
#include "tests/unit/runner/test_runner.h"

namespace tutti::runner {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::tutti::testing::TemporaryDirectory;
using ::tutti::testing::TestRunner;
using ::tutti::testing::WaitUntil;

class RunnerConditionTest : public ::testing::Test {
 protected:
  RunnerConditionTest() {
    // As tutti-query --exists LIMITS FILE; the condition is the file's text.
    const std::string program = folder_.path() + "/query";
    EXPECT_TRUE(WriteFileAtomically(program,
                                    "#!/bin/sh\ntest $1 = --exists || exit 1\n"
                                    "for file; do :; done\n. $file\n",
                                    0755)
                    .ok());
    RunnerServer::Options options;
    options.kinds.query_program = program;
    runner_ = std::make_unique<TestRunner>(std::move(options));
  }

  // Makes `ran_` if it runs.
  tutti::v1::JobSpec SpecWhere(const std::string& condition) {
    tutti::v1::JobSpec spec = TestRunner::Spec({"touch", ran_});
    spec.mutable_condition()->set_sql(condition);
    return spec;
  }
  bool HasRun() const { return ReadFile(ran_).ok(); }

  TemporaryDirectory folder_;
  const std::string ran_ = folder_.path() + "/ran";
  std::unique_ptr<TestRunner> runner_;
};

TEST_F(RunnerConditionTest, StartsWhereItHolds) {
  const v1::AttemptState state = runner_->Run(SpecWhere("exit 100"));
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_COMPLETED);
  EXPECT_TRUE(HasRun());
}

TEST_F(RunnerConditionTest, SkipsWhereItDoesNot) {
  const v1::AttemptState state = runner_->Run(SpecWhere("exit 0"));
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_SKIPPED);
  EXPECT_TRUE(state.status().outcome().unmatched());
  EXPECT_FALSE(HasRun());
  // It has left no trace, so the next runner asks anew.
  runner_->client().Release(state.key());
  runner_->Restart();
  runner_->WaitForListing();
  EXPECT_THAT(runner_->States(), IsEmpty());
}

TEST_F(RunnerConditionTest, DoesNotStartWithoutAnAnswer) {
  const v1::AttemptState complains =
      runner_->Run(SpecWhere("echo 'no such table' >&2; exit 1"));
  EXPECT_EQ(complains.status().state(), tutti::v1::TASK_STATE_NOT_STARTED);
  EXPECT_THAT(complains.status().outcome().reason(),
              HasSubstr("no such table"));
  const v1::AttemptState killed = runner_->Run(SpecWhere("kill -ALRM $$"));
  EXPECT_THAT(killed.status().outcome().reason(), HasSubstr("longer than 1m"));
  // What it left behind holds nothing up.
  const v1::AttemptState leaves =
      runner_->Run(SpecWhere("sleep 1000 & exit 1"));
  EXPECT_THAT(leaves.status().outcome().reason(), HasSubstr("it said nothing"));
  EXPECT_FALSE(HasRun());
}

TEST_F(RunnerConditionTest, OneThatIsStoppedMeanwhileNeverStarts) {
  const std::string asked = folder_.path() + "/asked";
  const tutti::v1::JobSpec spec =
      SpecWhere("touch " + asked + "; sleep 1000; exit 100");
  const tutti::v1::AttemptKey key = runner_->Start(spec);
  ASSERT_TRUE(WaitUntil([&] { return ReadFile(asked).ok(); }));
  runner_->client().Stop(key, {});
  const v1::AttemptState state = runner_->WaitForEnd(key);
  EXPECT_EQ(state.status().state(), tutti::v1::TASK_STATE_STOPPED);
  EXPECT_FALSE(HasRun());
}

}  // namespace
}  // namespace tutti::runner
