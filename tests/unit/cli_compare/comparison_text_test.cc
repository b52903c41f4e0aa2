#include "controller/cli/compare/comparison_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli_compare/job_outputs.h"

namespace tutti::cli {
namespace {

using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

TEST(ComparisonTextTest, OutliersAgainstTheMajority) {
  const JobOutput job =
      JobThatSaid(17, {Said("web1", "v1\n"), Said("web2", "v1\n"),
                       Said("web3", "v2\n", "oh\n"), Expired("web4")});
  const Comparison comparison = CompareTargets(job);
  EXPECT_EQ(FormatComparison({job, nullptr, comparison}, {}, kNow),
            "2 of 3 targets said the same: web[1-2]\n"
            "--- web[1-2]\n"
            "+++ web3\n"
            "@@ -1,1 +1,1 @@\n"
            "-v1\n"
            "+v2\n"
            "--- web[1-2] (stderr)\n"
            "+++ web3 (stderr)\n"
            "@@ -0,0 +1,1 @@\n"
            "+oh\n"
            "nothing to compare in job 17: web4 (expired)\n");
}

TEST(ComparisonTextTest, TwoJobs) {
  const JobOutput first =
      JobThatSaid(16, {Said("a", "1\n"), Said("b", "1\n"), Said("c", "")});
  const JobOutput second =
      JobThatSaid(17, {Said("a", "1\n"), Said("b", "2\n")});
  const Comparison comparison = CompareJobs(first, second);
  EXPECT_EQ(FormatComparison({first, &second, comparison}, {}, kNow),
            "1 of 2 targets said the same in job 17 as in job 16: a\n"
            "--- job 16: b\n"
            "+++ job 17: b\n"
            "@@ -1,1 +1,1 @@\n"
            "-1\n"
            "+2\n"
            "only in job 16: c\n");
}

// If this fails, a target's output drives the terminal of whoever looks.
TEST(ComparisonTextTest, IsHarmlessAndInColoursOnATerminal) {
  const JobOutput job = JobThatSaid(
      17, {Said("a", "x\n"), Said("b", "x\n"), Said("c", "\x1b[2J\n")});
  const Comparison comparison = CompareTargets(job);
  EXPECT_THAT(FormatComparison({job, nullptr, comparison},
                               {.color = true, .harmless = true}, kNow),
              HasSubstr("\x1b[32m+^[[2J\x1b[0m\n"));
  EXPECT_THAT(FormatComparison({job, nullptr, comparison}, {}, kNow),
              HasSubstr("\n+\x1b[2J\n"));
}

TEST(ComparisonTextTest, Json) {
  const JobOutput job =
      JobThatSaid(17, {Said("web1", "v1\n"), Said("web2", "v1\n"),
                       Said("web3", "v2\n"), Expired("web4")});
  const Comparison comparison = CompareTargets(job);
  const Json expected = Json::parse(R"({
    "job": 17,
    "same": {"targets": "web[1-2]", "target_count": 2},
    "different": [{
      "targets": "web3", "target_count": 1,
      "diffs": [{"stream": "stdout", "removed_lines": 1, "added_lines": 1,
                 "hunks": "@@ -1,1 +1,1 @@\n-v1\n+v2\n"}]}],
    "not_run": [{"targets": "web4", "target_count": 1, "job": 17,
                 "state": "EXPIRED"}]})");
  EXPECT_EQ(ComparisonToJson({job, nullptr, comparison}, kNow), expected);
}

}  // namespace
}  // namespace tutti::cli
