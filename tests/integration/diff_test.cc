// What differs between targets, and between jobs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/integration/fleet_test.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class DiffTest : public FleetTest {};

TEST_F(DiffTest, OutliersStandAgainstTheMajority) {
  fleet().Run({"run", "-t", "all", "--name", "outlier", "-c",
               "seq 1 20; [ $TUTTI_TARGET = web2 ] && echo odd || echo even"});
  const Finished diff = fleet().Run({"job", "diff", "outlier"});
  EXPECT_EQ(diff.status, 1) << diff.error;
  EXPECT_EQ(diff.output,
            "2 of 3 targets said the same: web[1,3]\n"
            "--- web[1,3]\n"
            "+++ web2\n"
            "@@ -18,4 +18,4 @@\n 18\n 19\n 20\n-even\n+odd\n");
  const Finished chosen =
      fleet().Run({"job", "diff", "outlier", "-t", "web[1,3]"});
  EXPECT_EQ(chosen.status, 0) << chosen.error;
  EXPECT_EQ(chosen.output, "2 targets said the same: web[1,3]\n");
  const Finished other_stream =
      fleet().Run({"job", "diff", "outlier", "--stream", "stderr"});
  EXPECT_EQ(other_stream.status, 0) << other_stream.output;
  const Finished json = fleet().Run({"job", "diff", "outlier", "-o", "jsonl"});
  EXPECT_EQ(json.status, 1);
  EXPECT_THAT(
      json.output,
      AllOf(HasSubstr(R"("v":1)"), HasSubstr(R"("targets":"web2")"),
            HasSubstr(R"(-even\n+odd\n)"), HasSubstr(R"("exit_status":1)")));
}

TEST_F(DiffTest, TwoJobsTargetByTarget) {
  fleet().Run({"run", "-t", "all", "--name", "before", "-c",
               "echo $TUTTI_TARGET; echo old"});
  fleet().Run({"run", "-t", "web[1-2]", "--name", "after", "-c",
               "echo $TUTTI_TARGET; [ $TUTTI_TARGET = web1 ] && echo new || "
               "echo old"});
  const Finished diff = fleet().Run({"job", "diff", "before", "after"});
  EXPECT_EQ(diff.status, 1) << diff.error;
  EXPECT_THAT(diff.output,
              AllOf(HasSubstr("1 of 2 targets said the same"),
                    HasSubstr(": web1\n@@ -1,2 +1,2 @@\n"
                              " web1\n-old\n+new\n"),
                    HasSubstr("only in job "), HasSubstr(": web3\n")));
  EXPECT_EQ(fleet().Run({"job", "diff", "before", "before"}).status, 0);
}

TEST_F(DiffTest, TroubleIsStatus2) {
  const Finished unknown = fleet().Run({"job", "diff", "nobody-knows-it"});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.error, HasSubstr("nobody-knows-it"));
  EXPECT_EQ(unknown.output, "");
  const Finished stream =
      fleet().Run({"job", "diff", "last", "--stream", "stdin"});
  EXPECT_EQ(stream.status, 2);
  EXPECT_THAT(stream.error,
              HasSubstr("none of stdout, stderr, message and result"));
}

}  // namespace
}  // namespace tutti::testing
