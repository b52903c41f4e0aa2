// Labels and facts of real agents, and jobs on those who have them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <string>

#include "tests/integration/fleet_test.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class LabelTest : public FleetTest {
 protected:
  void SetUp() override {
    const Finished labelled =
        fleet().Run({"agent", "label", "web[1-2]", "role=web", "rack=7"});
    ASSERT_EQ(labelled.status, 0) << labelled.error;
    EXPECT_EQ(labelled.output, "labelled 2 agents: web[1-2]\n");
  }
};

TEST_F(LabelTest, AJobRunsWhereTheConditionHolds) {
  const Finished ran =
      fleet().Run({"run", "-t", "role=web and not web1", "--", "echo", "here"});
  EXPECT_EQ(ran.status, 0) << ran.error;
  EXPECT_EQ(ran.output, "web2: here\n");
  const Finished others =
      fleet().Run({"run", "-t", "all", "-x", "role=web", "--", "echo", "here"});
  EXPECT_EQ(others.output, "web3: here\n") << others.error;
}

TEST_F(LabelTest, FactsComeFromTheHosts) {
  EXPECT_EQ(fleet().Run({"target", "count", "cpu.count>=1"}).output, "3\n");
  EXPECT_EQ(
      fleet().Run({"target", "fold", "memory.total>1M and online=yes"}).output,
      "web[1-3]\n");
  EXPECT_EQ(fleet().Run({"target", "count", "kernel<1"}).status, 2);
  const Finished shown = fleet().Run({"agent", "show", "web1", "-o", "json"});
  EXPECT_THAT(shown.output,
              AllOf(HasSubstr("\"cpu.count\""), HasSubstr("\"os.id\""),
                    HasSubstr("\"role\": \"web\"")));
}

TEST_F(LabelTest, LabelsAreTakenAway) {
  EXPECT_EQ(fleet().Run({"agent", "label", "web1", "role-"}).status, 0);
  EXPECT_EQ(fleet().Run({"target", "fold", "role=web"}).output, "web2\n");
}

TEST_F(LabelTest, LabelsSurviveTheController) {
  fleet().KillController();
  fleet().StartController();
  fleet().WaitForOnline(3);
  EXPECT_EQ(fleet().Run({"target", "fold", "rack=7"}).output, "web[1-2]\n");
}

// The agent's own configuration, after a reload; the controller's goes before.
TEST_F(LabelTest, AnAgentsOwnLabelsComeWithoutANewSession) {
  std::ofstream(fleet().AgentDirectory("web3") + "/agent.yaml", std::ios::app)
      << "labels:\n  site: berlin\n";
  fleet().agent("web3").Signal(SIGHUP);
  EXPECT_TRUE(WaitUntil([] {
    return fleet().Run({"target", "fold", "site=berlin"}).output == "web3\n";
  }));
  EXPECT_EQ(fleet().Run({"agent", "label", "web3", "site=bonn"}).status, 0);
  EXPECT_EQ(fleet().Run({"target", "fold", "site=bonn"}).output, "web3\n");
}

TEST_F(LabelTest, BadInputChangesNothing) {
  const struct {
    std::vector<std::string> arguments;
    const char* says;
  } cases[] = {
      {{"run", "-t", "rolle=web", "--", "true"}, "did you mean role?"},
      {{"run", "-t", "role=nobody", "--", "true"}, "no targets are left"},
      {{"run", "-t", "name~(", "--", "true"}, "no regular expression"},
      {{"agent", "label", "web1"}, "no label is given"},
      {{"agent", "label", "web1", "role"}, "'role' is no label"},
      {{"agent", "label", "web1", "os.id=x"}, "'os.id' is a fact"},
      {{"agent", "label", "web1", "all=x"}, "can not be the name"},
      {{"agent", "label", "web1", "a=1", "a-"}, "set and taken away"},
      {{"agent", "label", "wbe1", "a=1"}, "did you mean web1?"},
      {{"token", "create", "--name", "role=web"}, "can not depend on labels"},
  };
  for (const auto& one : cases) {
    const Finished refused = fleet().Run(one.arguments);
    EXPECT_EQ(refused.status, 2) << refused.error;
    EXPECT_THAT(refused.error, HasSubstr(one.says));
  }
  EXPECT_THAT(fleet().Run({"agent", "list", "-o", "json"}).output,
              Not(HasSubstr("\"a\"")));
}

}  // namespace
}  // namespace tutti::testing
