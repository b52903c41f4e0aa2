// Groups and results of jobs as targets, with the real programs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <string>
#include <vector>

#include "tests/integration/fleet_test.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class GroupTest : public FleetTest {
 protected:
  void SetUp() override { Set("front", "web[1-2]"); }

  static void Set(const std::string& name, const std::string& expression) {
    const Finished set = fleet().Run({"group", "set", name, expression});
    EXPECT_EQ(set.status, 0) << set.error;
  }
  static std::string Fold(const std::string& expression) {
    const Finished folded = fleet().Run({"target", "fold", expression});
    return folded.status == 0 ? folded.output : folded.error;
  }
  // Fails on `failing`, completes elsewhere.
  static void RunJob(const std::string& failing) {
    fleet().Run({"run", "-t", "all", "--", "sh", "-c",
                 "echo I am $TUTTI_TARGET; test $TUTTI_TARGET != " + failing});
  }
};

TEST_F(GroupTest, AJobRunsOnAGroup) {
  const Finished ran =
      fleet().Run({"run", "-t", "@front", "-x", "web1", "--", "echo", "here"});
  EXPECT_EQ(ran.status, 0) << ran.error;
  EXPECT_EQ(ran.output, "web2: here\n");
  const Finished from_file = fleet().Run(
      {"run", "-T", "-", "--", "echo", "here"}, "# targets\n@front!web2\n");
  EXPECT_EQ(from_file.output, "web1: here\n") << from_file.error;
  const Finished others =
      fleet().Run({"run", "-t", "all", "-x", "@front", "--", "echo", "here"});
  EXPECT_EQ(others.output, "web3: here\n") << others.error;
}

TEST_F(GroupTest, AGroupIsMadeShownAndRemoved) {
  EXPECT_EQ(fleet().Run({"group", "set", "@spare", "@front!web1"}).output,
            "made group @spare\n");
  EXPECT_EQ(fleet().Run({"group", "set", "spare", "@front", "web3"}).output,
            "changed group @spare\n");
  EXPECT_EQ(fleet().Run({"group", "ls", "-o", "names"}).output,
            "front\nspare\n");
  EXPECT_THAT(fleet().Run({"group", "show", "spare"}).output,
              AllOf(HasSubstr("@front,web3"), HasSubstr("3: web[1-3]")));
  EXPECT_THAT(fleet().Run({"target", "explain", "@spare!web3"}).output,
              HasSubstr("  group @spare: @front,web3\n"
                        "    all of these together\n"
                        "      web3 (1)\n"
                        "      group @front: web[1-2]\n"
                        "        web[1-2] (2)\n"));
  EXPECT_EQ(fleet().Run({"group", "rm", "spare"}).output,
            "removed group @spare\n");
  EXPECT_EQ(fleet().Run({"group", "show", "spare"}).status, 2);
}

TEST_F(GroupTest, AGroupSurvivesTheController) {
  fleet().KillController();
  fleet().StartController();
  fleet().WaitForOnline(3);
  EXPECT_EQ(Fold("@front"), "web[1-2]\n");
}

TEST_F(GroupTest, TheNextJobIsForThoseWhereTheLastOneFailed) {
  RunJob("web2");
  EXPECT_EQ(Fold("@job:last:failed"), "web2\n");
  EXPECT_EQ(Fold("@job:last:not-completed"), "web2\n");
  EXPECT_EQ(Fold("@job:last:completed&@front"), "web1\n");
  EXPECT_EQ(Fold("@job:last:output~'am web[13]$'"), "web[1,3]\n");
  EXPECT_EQ(fleet().Run({"target", "explain", "@job:last:failed"}).output,
            "the targets that are FAILED of your newest job: web2 (1)\n");
  const Finished again =
      fleet().Run({"run", "-t", "@job:last:failed", "--", "echo", "once more"});
  EXPECT_EQ(again.output, "web2: once more\n") << again.error;
  EXPECT_EQ(
      fleet().Run({"job", "receive", "last", "-t", "@front", "-N"}).output,
      "once more\n");
}

// For scripts that retry until nobody is left.
TEST_F(GroupTest, NobodyIsAnErrorUnlessThatIsSaidToBeOk) {
  RunJob("nobody");
  const std::vector<std::string> run = {"run", "-t", "@job:last:failed", "--",
                                        "true"};
  const Finished refused = fleet().Run(run);
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.error, HasSubstr("stands for no target now"));
  const Finished nothing = fleet().Run(
      {"run", "-t", "@job:last:failed", "--if-empty", "ok", "--", "true"});
  EXPECT_EQ(nothing.status, 0);
  EXPECT_EQ(nothing.output, "");
  EXPECT_EQ(nothing.error,
            "tutti: '@job:last:failed' is nobody now; nothing was started\n");
  EXPECT_EQ(fleet()
                .Run({"run", "-t", "arch=none", "--if-empty", "ok", "-q", "--",
                      "true"})
                .status,
            0);
  EXPECT_EQ(Fold("@job:last"), "web[1-3]\n") << "nothing was started";
}

TEST_F(GroupTest, TheFileOfGroupsIsReadAgain) {
  const std::string directory = fleet().ControllerDirectory();
  const std::string path = directory + "/groups.yaml";
  std::ofstream(path) << "lonely: web3\n";
  std::ofstream(directory + "/controller.yaml", std::ios::app)
      << "groups_file: groups.yaml\n";
  fleet().controller().Signal(SIGHUP);
  EXPECT_TRUE(WaitUntil([] { return Fold("@lonely") == "web3\n"; }));
  const Finished refused = fleet().Run({"group", "set", "lonely", "web1"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.error, AllOf(HasSubstr(path), HasSubstr("SIGHUP")));
  EXPECT_THAT(fleet().Run({"group", "list"}).output, HasSubstr("(file)"));

  std::ofstream(path) << "lonely:\n  - web1\n  - web3\n";
  fleet().controller().Signal(SIGHUP);
  EXPECT_TRUE(WaitUntil([] { return Fold("@lonely") == "web[1,3]\n"; }));

  // What is wrong is named, and the old groups stay.
  std::ofstream(path) << "good: web1\nlonely: web[\n";
  const Finished checked =
      RunToEnd({.arguments = {ProgramPath("tutti-controller"), "run", "--dir",
                              directory, "--check-config"},
                .environment = {},
                .standard_input = "",
                .output_path = ""});
  EXPECT_EQ(checked.status, 2);
  EXPECT_THAT(checked.error, HasSubstr(path + ":2: key 'lonely': "));
  fleet().controller().Signal(SIGHUP);
  EXPECT_TRUE(WaitUntil([] {
    return fleet().Logs().find("the old settings stay") != std::string::npos;
  }));
  EXPECT_EQ(Fold("@lonely"), "web[1,3]\n");
}

TEST_F(GroupTest, BadInputChangesNothing) {
  const struct {
    std::vector<std::string> arguments;
    const char* says;
  } cases[] = {
      {{"run", "-t", "@frnot", "--", "true"}, "did you mean @front?"},
      {{"run", "-t", "web1", "-x", "@frnot", "--", "true"}, "@front?"},
      {{"agent", "list", "@frnot"}, "did you mean @front?"},
      {{"run", "-t", "@job:99", "--", "true"}, "there is no job 99"},
      {{"run", "-t", "@job:last:faild:x", "--", "true"}, "is no filter"},
      {{"run", "-t", "@", "--", "true"}, "can not be a group"},
      {{"run", "-t", "all", "--if-empty", "maybe", "--", "true"}, "--if-empty"},
      {{"group", "set", "front"}, "no expression is given"},
      {{"group", "set", "job", "web1"}, "can not be the name of a group"},
      {{"group", "set", "front", "web["}, "web["},
      {{"group", "set", "front", "web3,@front"}, "contain itself"},
      {{"group", "remove", "frnot"}, "did you mean @front?"},
      {{"token", "create", "--name", "@front"}, "can not depend on"},
  };
  for (const auto& one : cases) {
    const Finished refused = fleet().Run(one.arguments);
    EXPECT_EQ(refused.status, 2) << refused.error;
    EXPECT_THAT(refused.error, HasSubstr(one.says));
    EXPECT_EQ(refused.error.find('\n'), refused.error.size() - 1);
  }
  EXPECT_EQ(Fold("@front"), "web[1-2]\n");
}

}  // namespace
}  // namespace tutti::testing
