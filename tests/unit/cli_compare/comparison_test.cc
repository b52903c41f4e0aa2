#include "controller/cli/compare/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli_compare/job_outputs.h"

namespace tutti::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(CompareTargetsTest, TheLargestGroupIsTheMajority) {
  const Comparison comparison = CompareTargets(JobThatSaid(
      17, {Said("web1", "odd\n"), Said("web2", "same\n"), Said("web3", "same"),
           Said("web4", "same\n", "and more\n"), Said("web5", "odd\n")}));
  // web2 and web3 and, of the same size and later, web1 and web5.
  EXPECT_THAT(comparison.same, ElementsAre("web1", "web5"));
  ASSERT_THAT(comparison.different, SizeIs(2));
  EXPECT_THAT(comparison.different[0].targets, ElementsAre("web2", "web3"));
  ASSERT_THAT(comparison.different[0].diffs, SizeIs(1));
  EXPECT_EQ(comparison.different[0].diffs[0].stream, 0u);
  EXPECT_EQ(comparison.different[0].diffs[0].diff.hunks,
            "@@ -1,1 +1,1 @@\n-odd\n+same\n");
  EXPECT_THAT(comparison.different[1].targets, ElementsAre("web4"));
  ASSERT_THAT(comparison.different[1].diffs, SizeIs(2));
  EXPECT_EQ(comparison.different[1].diffs[1].stream, 1u);
}

TEST(CompareTargetsTest, SayingNothingIsSayingSomethingElse) {
  const Comparison comparison = CompareTargets(JobThatSaid(
      17, {Said("web1", "x\n"), Said("web2", ""), Said("web3", "x\n")}));
  EXPECT_THAT(comparison.same, ElementsAre("web1", "web3"));
  ASSERT_THAT(comparison.different, SizeIs(1));
  EXPECT_THAT(comparison.different[0].targets, ElementsAre("web2"));
}

// If this fails, a target that never ran passes for one that said nothing.
TEST(CompareTargetsTest, WhoHasNotRunIsNotCompared) {
  const Comparison comparison = CompareTargets(
      JobThatSaid(17, {Expired("db1"), Said("db2", ""), Said("db3", "")}));
  EXPECT_THAT(comparison.same, ElementsAre("db2", "db3"));
  EXPECT_TRUE(comparison.IsEqual());
  EXPECT_TRUE(CompareTargets(JobThatSaid(17, {Expired("db1")})).IsEqual());
}

TEST(CompareJobsTest, TargetByTarget) {
  const JobOutput first =
      JobThatSaid(16, {Said("a", "1\n"), Said("b", "own b\n"), Said("c", "1\n"),
                       Said("d", "x\n"), Said("gone", "")});
  const JobOutput second =
      JobThatSaid(17, {Said("a", "2\n"), Said("b", "own b\n"), Said("c", "2\n"),
                       Said("d", "y\n"), Said("new", "")});
  const Comparison comparison = CompareJobs(first, second);
  EXPECT_THAT(comparison.same, ElementsAre("b"));
  ASSERT_THAT(comparison.different, SizeIs(2));
  EXPECT_THAT(comparison.different[0].targets, ElementsAre("a", "c"));
  EXPECT_EQ(comparison.different[0].diffs[0].diff.hunks,
            "@@ -1,1 +1,1 @@\n-1\n+2\n");
  EXPECT_THAT(comparison.different[1].targets, ElementsAre("d"));
  EXPECT_THAT(comparison.only_first, ElementsAre("gone"));
  EXPECT_THAT(comparison.only_second, ElementsAre("new"));
  EXPECT_FALSE(comparison.IsEqual());
}

// A name in the output does not keep the same change apart.
TEST(CompareJobsTest, TheSameChangeOfDifferentTextsIsToldOnce) {
  const std::string middle = "1\n2\n3\n4\n";
  const Comparison comparison =
      CompareJobs(JobThatSaid(16, {Said("a", "host a\n" + middle + "old\n"),
                                   Said("b", "host b\n" + middle + "old\n")}),
                  JobThatSaid(17, {Said("a", "host a\n" + middle + "new\n"),
                                   Said("b", "host b\n" + middle + "new\n")}));
  ASSERT_THAT(comparison.different, SizeIs(1));
  EXPECT_THAT(comparison.different[0].targets, ElementsAre("a", "b"));
}

TEST(CompareJobsTest, WhoRanInOneOfThemOnlyIsNotCompared) {
  const Comparison comparison =
      CompareJobs(JobThatSaid(16, {Expired("a"), Said("b", "x\n")}),
                  JobThatSaid(17, {Said("a", "x\n"), Said("b", "x\n")}));
  EXPECT_THAT(comparison.same, ElementsAre("b"));
  EXPECT_THAT(comparison.only_second, IsEmpty());
  EXPECT_TRUE(comparison.IsEqual());
}

}  // namespace
}  // namespace tutti::cli
