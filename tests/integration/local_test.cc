// Jobs on the controller's own host: if these fail, they are not as any other
// job is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

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

class LocalTest : public FleetTest {
 protected:
  static void SetUpTestSuite() {
    FleetTest::SetUpTestSuite();
    fleet().StartLocalRunner();
    fleet().WaitForLocalRunner();
  }

  // Starts a job that notes its start in a file, says so, and ends with 5 once
  // the gate is open.
  void StartWaiting(const std::string& name) {
    const Finished started =
        fleet().Run({"run", "-d", "--local", "--name", name, "-c",
                     "echo start >> " + fleet().File(name) + "; echo begun; " +
                         gate().Wait() + "; echo went on; exit 5"});
    ASSERT_EQ(started.status, 0) << started.error;
    ASSERT_TRUE(WaitUntil([&] {
      return fleet().Run({"job", "receive", name}).output == "local: begun\n";
    }));
  }
  std::string NotesOf(const std::string& name) {
    return ReadFile(fleet().File(name)).value_or("");
  }
  bool Shows(const std::string& job, const std::string& text) {
    return fleet().Run({"job", "show", job}).output.find(text) !=
           std::string::npos;
  }
  // It ran once, to its end, and all that it said is there.
  void ExpectWentOn(const std::string& name) {
    gate().Open();
    EXPECT_EQ(fleet().Run({"job", "wait", name, "--timeout", "30s"}).status, 1);
    EXPECT_EQ(NotesOf(name), "start\n");
    EXPECT_EQ(fleet().Run({"job", "receive", name}).output,
              "local: begun\nlocal: went on\n");
    EXPECT_TRUE(Shows(name, "exit 5")) << fleet().Logs();
  }
};

TEST_F(LocalTest, RunScriptAndQuerySayWhatThisHostSays) {
  const Finished run =
      fleet().Run({"run", "--local", "-c", "echo $TUTTI_TARGET; exit 3"});
  EXPECT_EQ(run.status, 1);
  EXPECT_EQ(run.output, "local: local\n");
  EXPECT_THAT(run.error, HasSubstr("1 failed (exit 3): local"));

  const std::string file = fleet().File("script.sh");
  ASSERT_TRUE(WriteFileAtomically(file, "#!/bin/sh\necho got $1\n", 0755).ok());
  const Finished script = fleet().Run({"script", "--local", file, "one"});
  EXPECT_EQ(script.status, 0) << script.error;
  EXPECT_EQ(script.output, "local: got one\n");

  const Finished query =
      fleet().Run({"query", "--local", "SELECT 1 + 1 AS sum", "-o", "csv"});
  EXPECT_EQ(query.status, 0) << query.error;
  EXPECT_THAT(query.output, HasSubstr("local,2"));
}

TEST_F(LocalTest, TheNameDoesAsWellAndInputArrives) {
  const Finished fed = fleet().Run(
      {"run", "-t", "local", "-S", "--stdin", "-c", "cat; exit 9"}, "fed\n");
  EXPECT_EQ(fed.status, 9) << fed.error;
  EXPECT_EQ(fed.output, "local: fed\n");
}

TEST_F(LocalTest, MuchOutputArrivesWhole) {
  const Finished run =
      fleet().Run({"run", "--local", "-N", "--", "seq", "1", "1500000"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_EQ(run.output.size(), 10'888'896u);
  EXPECT_TRUE(run.output.ends_with("1499999\n1500000\n"));
}

TEST_F(LocalTest, ItStandsBesideOtherJobs) {
  fleet().Run({"run", "--local", "--name", "beside", "--", "echo", "here"});
  fleet().Run({"run", "-t", "web1", "--name", "beside-it", "--", "true"});
  const Finished listed = fleet().Run({"job", "list"});
  EXPECT_THAT(listed.output, AllOf(HasSubstr("beside "), HasSubstr("-it ")));
  const Finished narrowed =
      fleet().Run({"job", "list", "-t", "local", "--name", "beside*"});
  EXPECT_THAT(narrowed.output,
              AllOf(HasSubstr("beside "), Not(HasSubstr("beside-it"))));
  EXPECT_EQ(fleet().Run({"job", "receive", "beside"}).output, "local: here\n");
  EXPECT_EQ(fleet().Run({"job", "receive", "beside", "-t", "local"}).output,
            "local: here\n");
}

TEST_F(LocalTest, NothingThatStandsForManyIsIt) {
  fleet().Run({"run", "--local", "--name", "mine", "--", "true"});
  for (const std::vector<std::string>& targets :
       {std::vector<std::string>{"-t", "all"},
        {"-t", "*"},
        {"-t", "not web1"},
        {"-t", "all", "-x", "host.name=nobody,web1", "--skip-unknown"}}) {
    std::vector<std::string> arguments = {"run", "-n"};
    arguments.insert(arguments.end(), targets.begin(), targets.end());
    arguments.insert(arguments.end(), {"--", "true"});
    const Finished card = fleet().Run(arguments);
    EXPECT_EQ(card.status, 0) << card.error;
    EXPECT_THAT(card.output, AllOf(HasSubstr("web"), Not(HasSubstr("local"))))
        << targets[1];
  }
  EXPECT_THAT(fleet().Run({"agent", "list"}).output, Not(HasSubstr("local")));
  for (const char* targets :
       {"local,web1", "all,local", "@job:mine", "local!web1,web2"}) {
    const Finished refused = fleet().Run({"run", "-t", targets, "--", "true"});
    EXPECT_EQ(refused.status, 2) << targets;
    EXPECT_THAT(refused.error, HasSubstr("name it alone")) << targets;
  }
}

TEST_F(LocalTest, WhatMakesNoSenseIsRefused) {
  const std::vector<std::vector<std::string>> senseless = {
      {"-t", "web1"},       {"-x", "web1"},
      {"-T", "none.txt"},   {"--per-target", "none.txt"},
      {"--pick", "1"},      {"--first", "1"},
      {"--if-empty", "ok"}, {"--skip-unknown"}};
  for (const std::vector<std::string>& options : senseless) {
    std::vector<std::string> arguments = {"run", "--local"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.insert(arguments.end(), {"--", "true"});
    const Finished refused = fleet().Run(arguments);
    EXPECT_EQ(refused.status, 2) << options[0];
    EXPECT_THAT(refused.error, HasSubstr("--local is one target"))
        << options[0];
  }
  const Finished token = fleet().Run({"token", "create", "--name", "local"});
  EXPECT_EQ(token.status, 2);
  EXPECT_THAT(token.error, HasSubstr("the controller's own host"));
  const Finished enrolled = fleet().Enroll("local", fleet().MakeToken());
  EXPECT_EQ(enrolled.status, 1);
  EXPECT_THAT(enrolled.error, HasSubstr("the controller's own host"));
}

TEST_F(LocalTest, SuspendResumeStopAndRetry) {
  StartWaiting("steered");
  EXPECT_EQ(fleet().Run({"job", "suspend", "steered"}).status, 0);
  ASSERT_TRUE(WaitUntil([&] { return Shows("steered", "SUSPENDED"); }));
  EXPECT_EQ(fleet().Run({"job", "resume", "steered"}).status, 0);
  ASSERT_TRUE(WaitUntil([&] { return Shows("steered", "RUNNING"); }));
  EXPECT_EQ(fleet().Run({"job", "stop", "steered"}).status, 0);
  EXPECT_EQ(fleet().Run({"job", "wait", "steered"}).status, 3);
  gate().Open();
  const Finished retried = fleet().Run({"job", "retry", "steered", "-S"});
  EXPECT_EQ(retried.status, 5) << retried.error;
  EXPECT_EQ(NotesOf("steered"), "start\nstart\n");
}

TEST_F(LocalTest, AJobGoesOnWithoutTheController) {
  StartWaiting("controller-gone");
  fleet().controller().Signal(SIGTERM);
  EXPECT_EQ(fleet().controller().Wait(absl::Seconds(30)), 0);
  fleet().StartController();
  fleet().WaitForLocalRunner();
  ExpectWentOn("controller-gone");
}

TEST_F(LocalTest, AJobEndsWhileTheControllerIsAway) {
  StartWaiting("ended-alone");
  fleet().KillController();
  gate().Open();
  fleet().StartController();
  fleet().WaitForLocalRunner();
  ExpectWentOn("ended-alone");
}

// The controller holds its pipes meanwhile.
TEST_F(LocalTest, AJobGoesOnWithoutTheRunner) {
  StartWaiting("runner-gone");
  fleet().KillRunner("local");
  ASSERT_TRUE(WaitUntil([&] { return Shows("runner-gone", "DISCONNECTED"); }));
  fleet().StartLocalRunner();
  fleet().WaitForLocalRunner();
  gate().Open();
  EXPECT_NE(
      fleet().Run({"job", "wait", "runner-gone", "--timeout", "30s"}).status,
      7);
  EXPECT_EQ(NotesOf("runner-gone"), "start\n");
  EXPECT_EQ(fleet().Run({"job", "receive", "runner-gone"}).output,
            "local: begun\nlocal: went on\n");
}

TEST_F(LocalTest, WithoutARunnerItIsOfflineAndTheJobCanWait) {
  fleet().KillRunner("local");
  auto waiting = fleet().Start(
      {"run", "--local", "--offline", "wait", "--", "echo", "late"},
      fleet().File("late"));
  ASSERT_TRUE(WaitUntil([&] { return Shows("last", "offline"); }));
  fleet().StartLocalRunner();
  EXPECT_EQ(waiting->Wait(absl::Seconds(30)), 0) << waiting->error();
  EXPECT_EQ(NotesOf("late"), "local: late\n");
  fleet().WaitForLocalRunner();
}

// A fleet of its own, whose controller has never had one.
TEST(NoLocalRunnerTest, AnErrorSaysWhatToDo) {
  Fleet fleet;
  const Finished refused = fleet.Run({"run", "--local", "--", "true"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.error,
              AllOf(HasSubstr("this controller has no runner of its own"),
                    HasSubstr("tutti-runner --dir DIR/local")));
  EXPECT_EQ(fleet.Run({"job", "list"}).output, "");
}

}  // namespace
}  // namespace tutti::testing
