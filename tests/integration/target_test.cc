// What target expressions mean, with and without a controller.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/integration/fleet_test.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class TargetTest : public FleetTest {};

TEST_F(TargetTest, OperatorsChooseWhereAJobRuns) {
  const Finished taken = fleet().Run(
      {"run", "-t", "web*!web2", "-y", "--", "sh", "-c", "echo ran"});
  EXPECT_EQ(taken.status, 0) << taken.error;
  EXPECT_THAT(taken.output,
              AllOf(HasSubstr("web1: ran\n"), HasSubstr("web3: ran\n"),
                    Not(HasSubstr("web2"))));
  const Finished both =
      fleet().Run({"run", "-t", "web*!web2", "-t", "web2", "-x",
                   "all and not web2", "-y", "--", "sh", "-c", "echo ran"});
  EXPECT_EQ(both.status, 0) << both.error;
  EXPECT_EQ(both.output, "web2: ran\n");
}

// The host that was to be spared must not be hit because of a slip.
TEST_F(TargetTest, ANameNobodyHasIsAnErrorWhereverItStands) {
  const Finished slip =
      fleet().Run({"run", "-t", "web*!wbe2", "-y", "--", "true"});
  EXPECT_EQ(slip.status, 2);
  EXPECT_THAT(slip.error, HasSubstr("wbe2"));
}

TEST_F(TargetTest, PlainExpressionsNeedNoController) {
  const auto said = [](const std::string& verb, const std::string& expression) {
    return fleet().Run({"target", verb, expression, "--config", "/nowhere"});
  };
  EXPECT_EQ(said("fold", "a[1-5]!a3").output, "a[1-2,4-5]\n");
  EXPECT_EQ(said("expand", "n[8-12/2]").output, "n10\nn12\nn8\n");
  EXPECT_EQ(said("count", "r[1-4]n[01-16]").output, "64\n");
  EXPECT_EQ(said("explain", "a[1-5]!a3").output,
            "the first without the others\n  a[1-5] (5)\n  a3 (1)\n");
  EXPECT_EQ(said("count", "a*").status, 2);
}

TEST_F(TargetTest, OtherExpressionsAreThoseOfTheFleet) {
  EXPECT_EQ(fleet().Run({"target", "fold", "not web2"}).output, "web[1,3]\n");
  EXPECT_EQ(fleet().Run({"target", "count", "all"}).output, "3\n");
  EXPECT_EQ(
      fleet().Run({"target", "expand", "web?&web[1-2]", "-o", "jsonl"}).output,
      "{\"v\":1,\"names\":[\"web1\",\"web2\"]}\n");
}

TEST_F(TargetTest, APortionIsTaken) {
  const auto run = [](std::vector<std::string> options) {
    options.insert(options.begin(), {"run", "-t", "all", "-y"});
    options.insert(options.end(), {"--", "echo", "ran"});
    return fleet().Run(options);
  };
  EXPECT_EQ(run({"--first", "1"}).output, "web1: ran\n");
  const Finished picked = run({"--pick", "2"});
  EXPECT_EQ(std::count(picked.output.begin(), picked.output.end(), '\n'), 2)
      << picked.error;
  EXPECT_THAT(picked.error, HasSubstr("2 targets"));
  EXPECT_EQ(run({"--pick", "9", "-x", "web1"}).status, 0);
  EXPECT_THAT(run({"--pick", "0"}).error, HasSubstr("--pick: '0'"));
  EXPECT_THAT(run({"--first", "-1"}).error, HasSubstr("--first"));
  EXPECT_THAT(run({"--pick", "1", "--first", "1"}).error,
              HasSubstr("contradict"));
}

TEST_F(TargetTest, AMistakeIsNamed) {
  for (const char* verb : {"expand", "fold", "count", "explain"}) {
    const Finished wrong = fleet().Run({"target", verb, "a,(b"});
    EXPECT_EQ(wrong.status, 2) << verb;
    EXPECT_THAT(wrong.error, HasSubstr("'(' at character 3")) << verb;
    EXPECT_EQ(fleet().Run({"target", verb}).status, 2) << verb;
  }
}

}  // namespace
}  // namespace tutti::testing
