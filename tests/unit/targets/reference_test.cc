#include "common/targets/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "common/targets/target_expression.h"
#include "tests/support/status_matchers.h"

namespace tutti {
namespace {

using ::testing::HasSubstr;
using ::tutti::testing::StatusIs;
using Kind = TaskFilter::Kind;

// The only part of an expression.
TargetReference Parse(std::string_view text) {
  absl::StatusOr<TargetExpression> expression = TargetExpression::Parse(text);
  EXPECT_TRUE(expression.ok()) << text << ": " << expression.status();
  const TargetNode& root = expression->root();
  EXPECT_EQ(root.kind, TargetNode::Kind::kReference) << text;
  return root.reference.value_or(TargetReference());
}

TEST(ReferenceTest, NamesAGroup) {
  EXPECT_EQ(Parse(" @web-2.de ").group, "web-2.de");
  EXPECT_EQ(Parse("@web").text, "@web");
  EXPECT_EQ(Parse("@jobs").group, "jobs");
}

TEST(ReferenceTest, NamesAJobAsTheCommandLineDoes) {
  EXPECT_EQ(Parse("@job:17").job.number(), 17u);
  EXPECT_EQ(Parse("@job:17").filter.kind, Kind::kAll);
  EXPECT_EQ(Parse("@job:01890a5d-ac96").job.uuid_prefix(), "01890a5dac96");
  EXPECT_EQ(Parse("@job:nightly").job.name(), "nightly");
  EXPECT_TRUE(Parse("@job:last").job.has_last());
  EXPECT_EQ(Parse("@job:last").job.last(), "");
  EXPECT_EQ(Parse("@job:last:nightly").job.last(), "nightly");
  EXPECT_EQ(Parse("@job:\"a b:17\":all").job.name(), "a b:17");
  EXPECT_EQ(Parse("@job:'17'").job.name(), "17");
}

TEST(ReferenceTest, FiltersByState) {
  EXPECT_EQ(Parse("@job:17:failed").filter.state, v1::TASK_STATE_FAILED);
  EXPECT_EQ(Parse("@job:17:timed-out").filter.state, v1::TASK_STATE_TIMED_OUT);
  EXPECT_EQ(Parse("@job:17:not-started").filter.state,
            v1::TASK_STATE_NOT_STARTED);
  EXPECT_EQ(Parse("@job:x:not-completed").filter.kind, Kind::kNotCompleted);
  EXPECT_EQ(Parse("@job:x:all").filter.kind, Kind::kAll);
  EXPECT_EQ(Parse("@job:last:rows").filter.kind, Kind::kRows);
  EXPECT_EQ(Parse("@job:last:changed").filter.kind, Kind::kChanged);
}

// If this fails, a job is retried on the targets of another one.
TEST(ReferenceTest, AFilterBehindLastIsToldFromAName) {
  const TargetReference newest = Parse("@job:last:failed");
  EXPECT_EQ(newest.job.last(), "");
  EXPECT_EQ(newest.filter.state, v1::TASK_STATE_FAILED);
  const TargetReference named = Parse("@job:last:nightly:failed");
  EXPECT_EQ(named.job.last(), "nightly");
  EXPECT_EQ(named.filter.state, v1::TASK_STATE_FAILED);
  EXPECT_EQ(Parse("@job:last:'failed'").job.last(), "failed");
  EXPECT_EQ(Parse("@job:last:failed:all").job.last(), "failed");
  EXPECT_EQ(Parse("@job:last:failed:output~x").job.last(), "failed");
  EXPECT_EQ(Parse("@job:last:output~x").job.last(), "");
}

TEST(ReferenceTest, FiltersByLinesOfOutput) {
  const TargetReference reference = Parse("@job:17:output~^err(or|s)$");
  ASSERT_EQ(reference.filter.kind, Kind::kOutput);
  const Pattern& pattern = *reference.filter.output;
  EXPECT_EQ(pattern.text(), "^err(or|s)$");
  EXPECT_TRUE(pattern.Matches("a\nerrs\nb"));
  EXPECT_FALSE(pattern.Matches("a errs"));
  EXPECT_FALSE(Parse("@job:17:output~a[^b]c").filter.output->Matches("a\nc"));
  EXPECT_FALSE(Parse("@job:17:output~a\\sc").filter.output->Matches("a\nc"));
  EXPECT_EQ(Parse("@job:17:output~'a b, c'").filter.output->text(), "a b, c");
}

TEST(ReferenceTest, EndsWhereTheElementEnds) {
  const absl::StatusOr<TargetExpression> united =
      TargetExpression::Parse("(@job:17:output~a|b),@web!@job:last:failed");
  ASSERT_TRUE(united.ok()) << united.status();
  const TargetNode& root = united->root();
  ASSERT_EQ(root.operands.size(), 2u);
  EXPECT_EQ(root.operands[0].operands[0].reference->filter.output->text(),
            "a|b");
  EXPECT_EQ(root.operands[1].reference->text, "@job:last:failed");
}

TEST(ReferenceTest, RefusesBadOnes) {
  const std::vector<std::pair<std::string, std::string>> bad = {
      {"@", "'@' at character 1 can not be a group"},
      {"a,@all", "'@all' at character 3 can not be a group"},
      {"@1st", "can not be a group"},
      {"@web:failed", "the ':' at character 5 stands behind a group"},
      {"@web$", "'$' at character 5"},
      {"@web(a)", "the '(' at character 5"},
      {"@job", "lacks the job; write @job:17"},
      {"@job:", "there is nothing behind the ':' before character 6"},
      {"@job:17:", "there is nothing behind the ':' before character 9"},
      {"@job:0", "at character 6: there is no job 0"},
      {"@job:17:faild", "'faild' at character 9 is no filter (did you mean "},
      {"@job:17:failed:all", "write one alone"},
      {"@job:17:failed:output~x", "write one alone"},
      {"@job:last:a:b", "'b' at character 13 is no filter"},
      {"@job:'a", "the ' at character 6 is not closed"},
      {"@job:17:output~(", "the pattern at character 16 is no regular"},
      {"@job:17:output~", "the pattern at character 16 is empty"},
      {"@job:" + std::string(257, 'x'), "is too long"},
      {"web@home", "'@' at character 4"},
  };
  for (const auto& [text, mistake] : bad) {
    EXPECT_THAT(
        TargetExpression::Parse(text).status(),
        StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(mistake)))
        << text;
  }
}

}  // namespace
}  // namespace tutti
