// Steering jobs that run, and trying again what did not complete.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/files.h"
#include "tests/integration/fleet_test.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class SteeringTest : public FleetTest {
 protected:
  // Fails on a target until a file of its name is there.
  std::vector<std::string> FailsUntilMended(const std::string& name) {
    return {"run",
            "-t",
            "all",
            "--name",
            name,
            "-c",
            "if [ -e '" + fleet().File(name) +
                "'.$TUTTI_TARGET ]; then echo attempt $TUTTI_ATTEMPT; else "
                "echo broken; exit 1; fi"};
  }
  void Mend(const std::string& name, const std::string& target) {
    const std::string path = fleet().File(name + "." + target);
    ASSERT_TRUE(WriteFileAtomically(path, "", 0600).ok());
  }
  // Starts a job that counts into a file for ever, once it has begun to.
  void StartCounting(const std::string& name) {
    const Finished started = fleet().Run(
        {"run", "-d", "-t", "web1", "--name", name, "-c",
         "while :; do echo . >> '" + fleet().File(name) + "'; done"});
    ASSERT_EQ(started.status, 0) << started.error;
    ASSERT_TRUE(WaitUntil([&] { return CountOf(name) > 0; }));
  }
  size_t CountOf(const std::string& name) {
    return ReadFile(fleet().File(name)).value_or("").size();
  }
  bool Shows(const std::string& job, const std::string& text) {
    return fleet().Run({"job", "show", job}).output.find(text) !=
           std::string::npos;
  }
};

TEST_F(SteeringTest, RetryRunsWhatFailedAgainAndKeepsTheOldAttempt) {
  Mend("mended", "web1");
  EXPECT_EQ(fleet().Run(FailsUntilMended("mended")).status, 1);
  Mend("mended", "web2");
  const Finished retried = fleet().Run({"job", "retry", "mended"});
  EXPECT_EQ(retried.status, 1) << retried.error;
  EXPECT_EQ(retried.output.find("web1"), std::string::npos) << retried.output;
  EXPECT_THAT(retried.output, AllOf(HasSubstr("web2: attempt 2\n"),
                                    HasSubstr("web3: broken\n")));
  EXPECT_THAT(retried.error, HasSubstr("1 failed (exit 1): web3"));
  // What each target said last, and what it said first.
  const Finished now = fleet().Run({"job", "receive", "mended"});
  EXPECT_THAT(now.output, AllOf(HasSubstr("web1: attempt 1\n"),
                                HasSubstr("web2: attempt 2\n"),
                                Not(HasSubstr("web2: broken\n"))));
  const Finished first =
      fleet().Run({"job", "receive", "mended", "--attempt", "1"});
  EXPECT_THAT(first.output, AllOf(HasSubstr("web1: attempt 1\n"),
                                  HasSubstr("web2: broken\n")));
  EXPECT_THAT(fleet().Run({"job", "show", "mended", "-t", "web2"}).output,
              AllOf(HasSubstr("Attempt 2"), HasSubstr("tried again")));
}

TEST_F(SteeringTest, RetryNeedsSomethingToTry) {
  fleet().Run({"run", "-t", "all", "--name", "fine", "--", "true"});
  const Finished retried = fleet().Run({"job", "retry", "fine"});
  EXPECT_EQ(retried.status, 2);
  EXPECT_THAT(retried.error, HasSubstr("nothing to try again"));
  const Finished only =
      fleet().Run({"job", "retry", "fine", "--only", "running"});
  EXPECT_EQ(only.status, 2);
  EXPECT_THAT(only.error, HasSubstr("RUNNING is not over"));
  EXPECT_EQ(
      fleet().Run({"job", "retry", "fine", "--only", "completed", "-q"}).status,
      0);
}

TEST_F(SteeringTest, RetrySurvivesARestartOfTheController) {
  EXPECT_EQ(fleet().Run(FailsUntilMended("later")).status, 1);
  Mend("later", "web1");
  EXPECT_EQ(fleet().Run({"job", "retry", "later", "-t", "web1"}).status, 0);
  fleet().KillController();
  fleet().StartController();
  fleet().WaitForOnline(3);
  EXPECT_THAT(fleet().Run({"job", "receive", "later", "-t", "web1"}).output,
              HasSubstr("web1: attempt 2\n"));
  EXPECT_THAT(
      fleet()
          .Run({"job", "receive", "later", "-t", "web1", "--attempt", "1"})
          .output,
      HasSubstr("web1: broken\n"));
  Mend("later", "web2");
  EXPECT_THAT(fleet().Run({"job", "retry", "later", "-t", "web2"}).output,
              HasSubstr("web2: attempt 3\n"));
}

TEST_F(SteeringTest, SuspendedProcessesStandStillUntilTheyAreResumed) {
  StartCounting("counted");
  const Finished suspended = fleet().Run({"job", "suspend", "counted"});
  EXPECT_EQ(suspended.status, 0) << suspended.error;
  EXPECT_THAT(suspended.output,
              AllOf(HasSubstr("1 target suspended"), HasSubstr("job resume")));
  ASSERT_TRUE(WaitUntil([&] { return Shows("counted", "SUSPENDED"); }));
  const size_t count = CountOf("counted");
  // Other work goes on meanwhile, so time passes on the target.
  EXPECT_EQ(fleet().Run({"run", "-t", "web1", "-c", "sleep 0.3"}).status, 0);
  EXPECT_EQ(CountOf("counted"), count);
  EXPECT_EQ(fleet().Run({"job", "resume", "counted"}).status, 0);
  EXPECT_TRUE(WaitUntil([&] { return CountOf("counted") > count; }));
  EXPECT_EQ(fleet().Run({"job", "stop", "counted"}).status, 0);
  EXPECT_EQ(fleet().Run({"job", "wait", "counted"}).status, 3);
}

TEST_F(SteeringTest, SuspendedJobCanBeStopped) {
  StartCounting("stopped");
  fleet().Run({"job", "suspend", "stopped"});
  ASSERT_TRUE(WaitUntil([&] { return Shows("stopped", "SUSPENDED"); }));
  EXPECT_EQ(fleet().Run({"job", "stop", "stopped"}).status, 0);
  EXPECT_EQ(fleet().Run({"job", "wait", "stopped", "--timeout", "20s"}).status,
            3);
}

TEST_F(SteeringTest, StopByARule) {
  const Finished started =
      fleet().Run({"run", "-d", "-t", "web1,web2", "--name", "ruled", "-c",
                   "trap 'echo got INT; exit 5' INT; trap '' TERM; echo ready; "
                   "while :; do sleep 0.05; done"});
  ASSERT_EQ(started.status, 0) << started.error;
  ASSERT_TRUE(WaitUntil([&] {
    const std::string output = fleet().Run({"job", "receive", "ruled"}).output;
    return output.find("web1: ready") != std::string::npos &&
           output.find("web2: ready") != std::string::npos;
  }));
  const Finished stopped =
      fleet().Run({"job", "stop", "ruled", "-t", "web1", "--signal", "int"});
  EXPECT_EQ(stopped.status, 0) << stopped.error;
  EXPECT_THAT(stopped.output, HasSubstr("1 is being ended"));
  ASSERT_TRUE(WaitUntil([&] { return Shows("ruled", "STOPPED"); }));
  EXPECT_THAT(fleet().Run({"job", "receive", "ruled"}).output,
              AllOf(HasSubstr("web1: got INT"), Not(HasSubstr("web2: got"))));
  // TERM is ignored there, and nobody waits ten seconds.
  EXPECT_EQ(fleet().Run({"job", "stop", "ruled", "--grace", "0"}).status, 0);
  EXPECT_EQ(fleet().Run({"job", "wait", "ruled", "--timeout", "5s"}).status, 3);
}

TEST_F(SteeringTest, FanoutIsChangedWhileTheJobRuns) {
  fleet().Run({"run", "-d", "-t", "all", "-f", "1", "--name", "wider", "--",
               "sleep", "1000"});
  ASSERT_TRUE(WaitUntil([&] { return Shows("wider", "2 pending"); }));
  const Finished set = fleet().Run({"job", "set", "wider", "--fanout", "100%"});
  EXPECT_EQ(set.status, 0) << set.error;
  EXPECT_TRUE(WaitUntil([&] { return Shows("wider", "3 running"); }));
  EXPECT_EQ(fleet().Run({"job", "set", "wider", "--deadline", "1s"}).status, 0);
  EXPECT_EQ(fleet().Run({"job", "wait", "wider", "--timeout", "20s"}).status,
            3);
  const Finished late = fleet().Run({"job", "set", "wider", "--fanout", "2"});
  EXPECT_EQ(late.status, 2);
  EXPECT_THAT(late.error, HasSubstr("is over (STOPPED)"));
  EXPECT_EQ(fleet().Run({"job", "set", "wider"}).status, 2);
}

TEST_F(SteeringTest, SeveralJobsOnlyWhenThatIsAskedFor) {
  for (const char* name : {"many-1", "many-2"}) {
    fleet().Run({"run", "-t", "web1", "--name", name, "--", "true"});
  }
  const Finished refused = fleet().Run({"job", "remove", "many-*"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.error, HasSubstr("--all-matching"));
  const Finished renamed = fleet().Run({"job", "rename", "many-2", "many-3"});
  EXPECT_EQ(renamed.status, 0) << renamed.error;
  const Finished removed =
      fleet().Run({"job", "remove", "many-*", "--all-matching"});
  EXPECT_EQ(removed.status, 0) << removed.error;
  EXPECT_THAT(removed.output,
              MatchesRegex("removed job [0-9]+\nremoved job [0-9]+\n"));
  const Finished none = fleet().Run({"job", "stop", "many-*"});
  EXPECT_EQ(none.status, 2);
  EXPECT_THAT(none.error, HasSubstr("job's name matches"));
  EXPECT_EQ(fleet().Run({"job", "rename", "last", "a*"}).status, 2);
}

TEST_F(SteeringTest, ListsAreNarrowedDown) {
  fleet().Run({"run", "-t", "web3", "--name", "narrow", "--", "false"});
  const auto listed = [](std::vector<std::string> filters) {
    std::vector<std::string> arguments = {"job",    "list", "--name",
                                          "narrow", "-o",   "names"};
    arguments.insert(arguments.end(), filters.begin(), filters.end());
    const Finished finished = fleet().Run(arguments);
    EXPECT_EQ(finished.status, 0) << finished.error;
    return !finished.output.empty();
  };
  EXPECT_TRUE(listed({"--task-state", "failed", "-t", "web3", "--since", "1h",
                      "--kind", "command"}));
  EXPECT_FALSE(listed({"--until", "1h"}));
  EXPECT_FALSE(listed({"-t", "web1"}));
  EXPECT_FALSE(listed({"--by", "nobody"}));
  EXPECT_EQ(fleet().Run({"job", "list", "--since", "soon"}).status, 2);
  EXPECT_EQ(fleet().Run({"job", "list", "--task-state", "odd"}).status, 2);
  const Finished kept = fleet().Run({"job", "remove", "--until", "30d"});
  EXPECT_EQ(kept.output, "removed 0 jobs\n");
}

}  // namespace
}  // namespace tutti::testing
