// Local jobs that use tutti: if these fail, such a job can do nothing, or more
// than its operator allowed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/files.h"
#include "tests/integration/fleet_test.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class DelegationTest : public FleetTest {
 protected:
  static void SetUpTestSuite() {
    FleetTest::SetUpTestSuite();
    fleet().StartLocalRunner();
    fleet().WaitForLocalRunner();
  }

  // A local job of this shell text, in which $TUTTI is the CLI.
  Finished RunLocal(const std::string& text,
                    std::vector<std::string> options = {}) {
    std::vector<std::string> arguments = {"run", "--local", "-N"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(),
                     {"-c", "TUTTI=" + ProgramPath("tutti") + "; " + text});
    return fleet().Run(arguments);
  }
};

TEST_F(DelegationTest, AJobReachesItsTargetsInItsOperatorsName) {
  const Finished run =
      RunLocal("$TUTTI run -N --name inner -t web1 -c 'echo on $TUTTI_TARGET'",
               {"--name", "outer", "--delegate", "web1,web2"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_EQ(run.output, "on web1\n") << run.error;
  const std::string outer = fleet().Run({"job", "show", "outer"}).output;
  const std::string number =
      outer.substr(outer.find_first_of("0123456789"),
                   outer.find("  outer") - outer.find_first_of("0123456789"));
  EXPECT_THAT(fleet().Run({"job", "show", "inner"}).output,
              HasSubstr(", through job " + number));
}

TEST_F(DelegationTest, WhatIsNotDelegatedIsRefused) {
  const Finished target =
      RunLocal("$TUTTI run -t web3 -- true", {"--delegate", "web1"});
  EXPECT_NE(target.status, 0);
  EXPECT_THAT(target.error + target.output,
              HasSubstr("'web3' is not among the targets of the delegation"));
  const Finished kind =
      RunLocal("$TUTTI run -t web1 -- true",
               {"--delegate", "web1", "--delegate-kinds", "query"});
  EXPECT_THAT(kind.error + kind.output, HasSubstr("--delegate-kinds"));
  const Finished token = RunLocal("$TUTTI token list", {"--delegate", "web1"});
  EXPECT_THAT(token.error + token.output, HasSubstr("does not allow"));
  const Finished nested = RunLocal("$TUTTI run --local --delegate web1 -- true",
                                   {"--delegate", "web1"});
  EXPECT_THAT(nested.error + nested.output, HasSubstr("can not delegate"));
  EXPECT_THAT(RunLocal("true", {"--delegate", "local"}).error,
              HasSubstr("name targets of the fleet"));
  fleet().Run({"run", "-t", "web1", "--name", "alices", "--", "true"});
  const Finished steering =
      RunLocal("$TUTTI job remove alices", {"--delegate", "web1"});
  EXPECT_THAT(steering.error + steering.output,
              HasSubstr("was not started through this delegation"));
}

TEST_F(DelegationTest, ItEndsWithItsJob) {
  const std::string pass = fleet().File("pass");
  ASSERT_EQ(RunLocal("printf %s \"$TUTTI_DELEGATION\" > " + pass,
                     {"--delegate", "web1"})
                .status,
            0);
  const Finished late = RunLocal("export TUTTI_DELEGATION=$(cat " + pass +
                                 "); $TUTTI run -t web1 -- true");
  EXPECT_THAT(late.error + late.output,
              HasSubstr("the job that this delegation is of has ended"));
}

TEST_F(DelegationTest, ItEndsWithItsTime) {
  const Finished late =
      RunLocal("until $TUTTI job list 2>&1 | grep 'has ended at'; do :; done",
               {"--delegate", "web1", "--delegate-for", "2s"});
  EXPECT_THAT(late.output, HasSubstr("--delegate-for"));
}

// Whoever can read the journal, a ledger or a spool would have the key.
TEST_F(DelegationTest, ItsPassIsNowhereOnTheDisk) {
  const std::string pass = fleet().File("known-pass");
  ASSERT_EQ(RunLocal("printf %s \"$TUTTI_DELEGATION\" > " + pass,
                     {"--delegate", "web1"})
                .status,
            0);
  const std::string known = ReadFile(pass).value();
  ASSERT_GT(known.size(), 500u);
  const std::string part = known.substr(known.size() / 2, 64);
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(fleet().directory())) {
    if (!entry.is_regular_file() || entry.path().string().starts_with(pass) ||
        entry.path() == fleet().File("pass")) {
      continue;
    }
    EXPECT_THAT(ReadFile(entry.path().string()).value_or(""),
                Not(HasSubstr(part)))
        << entry.path();
  }
}

TEST_F(DelegationTest, BadUseIsRefusedBeforeAnythingStarts) {
  const Finished remote =
      fleet().Run({"run", "-t", "web1", "--delegate", "web1", "--", "true"});
  EXPECT_EQ(remote.status, 2);
  EXPECT_THAT(remote.error, HasSubstr("give --local"));
  const Finished nobody = RunLocal("true", {"--delegate", "web77"});
  EXPECT_THAT(nobody.error, AllOf(HasSubstr("--delegate"), HasSubstr("web77")));
  const Finished damaged =
      RunLocal("TUTTI_DELEGATION=xx $TUTTI job list", {"--delegate", "web1"});
  EXPECT_THAT(damaged.error + damaged.output, HasSubstr("is damaged"));
  const Finished card = RunLocal("true", {"-n", "--delegate", "web1"});
  EXPECT_THAT(card.output,
              AllOf(HasSubstr("delegates"), HasSubstr("(for 1h)")));
}

}  // namespace
}  // namespace tutti::testing
