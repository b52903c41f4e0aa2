// One command plays on the whole fleet and comes back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "common/base/files.h"
#include "tests/integration/fleet_test.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

class MainJobTest : public FleetTest {};

TEST_F(MainJobTest, RunsOnEveryTargetAndPrefixesLines) {
  const Finished run =
      fleet().Run({"run", "-t", "web[1-3]", "--", "echo", "hi"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_THAT(run.output,
              AllOf(HasSubstr("web1: hi\n"), HasSubstr("web2: hi\n"),
                    HasSubstr("web3: hi\n")));
}

TEST_F(MainJobTest, ResolvesWildcardsListsExclusionsAndAll) {
  const auto names = [](const std::vector<std::string>& expression) {
    std::vector<std::string> arguments = {"run", "-y"};
    arguments.insert(arguments.end(), expression.begin(), expression.end());
    arguments.insert(arguments.end(), {"--", "true"});
    arguments.insert(arguments.begin() + 1, "-n");
    return fleet().Run(arguments);
  };
  EXPECT_THAT(names({"-t", "all"}).error + names({"-t", "all"}).output,
              HasSubstr("web[1-3]"));
  EXPECT_THAT(names({"-t", "web?", "-x", "web2"}).error +
                  names({"-t", "web?", "-x", "web2"}).output,
              HasSubstr("web[1,3]"));
  EXPECT_THAT(
      names({"-t", "web1,web3"}).error + names({"-t", "web1,web3"}).output,
      HasSubstr("web[1,3]"));
}

TEST_F(MainJobTest, ExitStatusSaysHowTheJobWent) {
  EXPECT_EQ(fleet().Run({"run", "-t", "all", "--", "true"}).status, 0);
  EXPECT_EQ(fleet().Run({"run", "-t", "all", "--", "false"}).status, 1);
  EXPECT_EQ(fleet().Run({"run", "-t", "all", "-S", "-c", "exit 42"}).status,
            42);
  EXPECT_EQ(
      fleet()
          .Run({"run", "-t", "web1", "--timeout", "1", "--", "sleep", "100"})
          .status,
      3);
  EXPECT_EQ(fleet().Run({"run", "-t", "all", "--", "/no/such/program"}).status,
            4);
  EXPECT_EQ(fleet()
                .Run({"run", "-t", "all", "--min-success", "60%", "-c",
                      "test $TUTTI_TARGET != web2"})
                .status,
            0);
}

TEST_F(MainJobTest, ArgumentsArriveByteForByte) {
  const std::vector<std::string> hard = {
      "",     "a b",   "[a,b]", "web[1-3]", "--",           "-t",
      "x=y",  "$HOME", "*",     "'\"\\",    "\xff\xfe\x01", "{}",
      "a\nb", ",",     "-n",    "--id",     "%s%n\t",       "[",
      "\x7f"};
  std::vector<std::string> arguments = {"run", "-t",     "web1", "-N",
                                        "--",  "printf", "<%s>"};
  arguments.insert(arguments.end(), hard.begin(), hard.end());
  std::string expected;
  for (const std::string& argument : hard) expected += "<" + argument + ">";
  const Finished run = fleet().Run(arguments);
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_EQ(run.output.substr(0, expected.size()), expected);
}

TEST_F(MainJobTest, EnvironmentIsCleanAndNamesTheTask) {
  const Finished run = fleet().Run(
      {"run", "-t", "web2", "-N", "--env", "COLOUR=green", "--", "env"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_THAT(
      run.output,
      AllOf(HasSubstr("COLOUR=green\n"), HasSubstr("TUTTI_FLEET=test\n"),
            HasSubstr("TUTTI_TARGET=web2\n"), HasSubstr("TUTTI_COUNT=1\n"),
            HasSubstr("TUTTI_ATTEMPT=1\n"),
            ContainsRegex("TUTTI_JOB=[0-9a-f]+-[0-9a-f]+-7"),
            ContainsRegex("PATH=.*/usr/sbin"), HasSubstr("HOME="),
            HasSubstr("USER="), HasSubstr("LOGNAME="), HasSubstr("SHELL="),
            HasSubstr("LANG="), Not(HasSubstr("TUTTI_CONFIG"))));
}

TEST_F(MainJobTest, StandardInputIsEmptyAndTheFolderIsAsAsked) {
  const Finished run =
      fleet().Run({"run", "-t", "web1", "-N", "--cwd", "/usr", "-c",
                   "wc -c; pwd; readlink /proc/self/fd/0"});
  EXPECT_THAT(run.output, HasSubstr("0\n/usr\n/dev/null\n"));
}

TEST_F(MainJobTest, RunsAsAnotherUser) {
  if (geteuid() != 0) {
    const Finished run =
        fleet().Run({"run", "-t", "web1", "-u", "root", "--", "id", "-un"});
    EXPECT_EQ(run.status, 4);
    return;
  }
  const Finished run = fleet().Run(
      {"run", "-t", "web1", "-N", "-u", "nobody", "--", "id", "-un"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_EQ(run.output, "nobody\n");
}

TEST_F(MainJobTest, SignalsAreTold) {
  const Finished run =
      fleet().Run({"run", "-t", "web1", "-c", "kill -SEGV $$"});
  EXPECT_EQ(run.status, 1);
  EXPECT_THAT(run.error, HasSubstr("SEGV"));
}

// A job that double-forks and calls setsid must leave nothing behind.
TEST_F(MainJobTest, NothingIsLeftBehind) {
  const std::string pid_file = fleet().File("left-behind");
  const Finished run =
      fleet().Run({"run", "-t", "web1", "-c",
                   "(setsid sh -c 'echo $$ > " + pid_file +
                       "; exec sleep 1000' >/dev/null 2>&1 &) ; while [ ! -s " +
                       pid_file + " ]; do sleep 0.01; done"});
  EXPECT_EQ(run.status, 0) << run.error;
  const int pid = std::atoi(ReadFile(pid_file).value_or("0").c_str());
  ASSERT_GT(pid, 1);
  EXPECT_TRUE(WaitUntil([&] { return kill(pid, 0) != 0; }))
      << "process " << pid << " outlived its job";
}

TEST_F(MainJobTest, StoppingKillsTheWholeTree) {
  const std::string pid_file = fleet().File("stopped");
  auto run = fleet().Start(
      {"run", "-t", "web1", "--name", "to-stop", "-c",
       "trap '' TERM; (setsid sh -c 'trap \"\" TERM; echo $$ > " + pid_file +
           "; while :; do sleep 1; done' &) ; while :; do sleep 1; done"});
  ASSERT_TRUE(WaitUntil([&] {
    const auto text = ReadFile(pid_file);
    return text.ok() && !text->empty();
  }));
  const int pid = std::atoi(ReadFile(pid_file)->c_str());
  EXPECT_EQ(fleet().Run({"job", "stop", "to-stop"}).status, 0);
  EXPECT_EQ(run->Wait(), 3) << run->error();
  EXPECT_TRUE(WaitUntil([&] { return kill(pid, 0) != 0; }));
}

TEST_F(MainJobTest, MissingProgramOnOneTargetDoesNotStopTheOthers) {
  const std::string program = fleet().File("only-once");
  ASSERT_TRUE(
      WriteFileAtomically(program, "#!/bin/sh\nrm $0; echo ran\n", 0755).ok());
  // The first that starts removes it; one at a time the others miss it.
  const Finished run =
      fleet().Run({"run", "-t", "all", "-f", "1", "--", program});
  EXPECT_EQ(run.status, 4);
  EXPECT_THAT(run.output, HasSubstr("ran"));
  EXPECT_THAT(run.error, HasSubstr("no such file"));
}

TEST_F(MainJobTest, ExpectRefusesAnotherNumber) {
  const std::string witness = fleet().File("expect-ran");
  const Finished run = fleet().Run(
      {"run", "-t", "all", "--expect", "4", "--", "touch", witness});
  EXPECT_EQ(run.status, 2);
  EXPECT_THAT(run.error, HasSubstr("3"));
  EXPECT_FALSE(ReadFile(witness).ok());
  EXPECT_EQ(
      fleet().Run({"run", "-t", "all", "--expect", "2-3", "--", "true"}).status,
      0);
}

TEST_F(MainJobTest, TheSameIdStartsOnce) {
  const std::string witness = fleet().File("id-ran");
  const std::vector<std::string> arguments = {
      "run",
      "-t",
      "web1",
      "--id",
      "019a0000-0000-7000-8000-000000000001",
      "-c",
      "echo x >> " + witness};
  EXPECT_EQ(fleet().Run(arguments).status, 0);
  EXPECT_EQ(fleet().Run(arguments).status, 0);
  EXPECT_EQ(ReadFile(witness).value_or(""), "x\n");
}

TEST_F(MainJobTest, InterruptWithoutTerminalStopsTheJob) {
  auto run = fleet().Start({"run", "-t", "web1", "-c", "echo up; sleep 1000"});
  ASSERT_TRUE(run->WaitForOutput("up")) << run->error();
  run->Signal(SIGINT);
  EXPECT_EQ(run->Wait(), 130) << run->error();
  EXPECT_THAT(fleet().Run({"job", "show", "last"}).output,
              HasSubstr("STOPPED"));
}

TEST_F(MainJobTest, HangupDetaches) {
  auto run = fleet().Start(
      {"run", "-t", "web1", "--name", "hung-up", "-c", "echo up; sleep 1000"});
  ASSERT_TRUE(run->WaitForOutput("up")) << run->error();
  run->Signal(SIGHUP);
  EXPECT_EQ(run->Wait(), 7) << run->error();
  EXPECT_THAT(fleet().Run({"job", "show", "hung-up"}).output,
              HasSubstr("RUNNING"));
  EXPECT_EQ(fleet().Run({"job", "stop", "hung-up"}).status, 0);
}

TEST_F(MainJobTest, WaitEndsWhileTheJobGoesOn) {
  const Finished run = fleet().Run({"run", "-t", "web1", "--name", "long",
                                    "--wait", "300ms", "--", "sleep", "1000"});
  EXPECT_EQ(run.status, 7) << run.error;
  EXPECT_EQ(fleet().Run({"job", "stop", "long"}).status, 0);
}

}  // namespace
}  // namespace tutti::testing
