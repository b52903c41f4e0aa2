// What jobs bring along beside what they run, through all programs.

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

class ValuesTest : public FleetTest {
 protected:
  static std::string Written(const std::string& name, const std::string& text) {
    const std::string path = fleet().File(name);
    EXPECT_TRUE(WriteFileAtomically(path, text, 0600).ok());
    return path;
  }
};

TEST_F(ValuesTest, EveryTargetHasItsOwnParameters) {
  const std::string file =
      Written("ports",
              "# ports\nweb1 port=8081 role='a b'\n"
              "{\"target\": \"web2\", \"port\": 8082, \"role\": \"c\"}\n");
  const Finished run =
      fleet().Run({"run", "--per-target", file, "-c",
                   "echo $TUTTI_PARAM_PORT $TUTTI_PARAM_ROLE"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_THAT(run.output,
              AllOf(HasSubstr("web1: 8081 a b\n"), HasSubstr("web2: 8082 c\n"),
                    Not(HasSubstr("web3"))));
}

TEST_F(ValuesTest, ParametersThatAreWrongStartNothing) {
  const Finished bad =
      fleet().Run({"run", "--per-target", Written("bad", "web1 a=1\nweb2 a\n"),
                   "--", "true"});
  EXPECT_EQ(bad.status, 2);
  EXPECT_THAT(bad.error, HasSubstr("bad:2: "));
  const Finished missing =
      fleet().Run({"run", "-t", "all", "--per-target",
                   Written("few", "web1 a=1\n"), "--", "true"});
  EXPECT_EQ(missing.status, 2);
  EXPECT_THAT(missing.error, HasSubstr("no line for web[2-3]"));
  EXPECT_EQ(fleet().Run({"run", "--per-target", "-", "--", "true"}).status, 2);
}

TEST_F(ValuesTest, ADryRunShowsParameters) {
  const Finished run =
      fleet().Run({"run", "-n", "--per-target",
                   Written("card", "web[1-2] port=80\n"), "--", "true"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_THAT(run.output, AllOf(HasSubstr("1 for each target; for web1:"),
                                HasSubstr("TUTTI_PARAM_PORT=80")));
}

TEST_F(ValuesTest, ARetryKeepsThemAndSoDoesARestart) {
  const std::string file = Written("kept", "web[1-3] port=90\nweb2 port=91\n");
  EXPECT_EQ(fleet().Run({"run", "--per-target", file, "--", "true"}).status, 2);
  const std::string good = Written("good", "web[1,3] port=90\nweb2 port=91\n");
  const Finished run =
      fleet().Run({"run", "--per-target", good, "--name", "kept", "-c",
                   "echo $TUTTI_PARAM_PORT; [ $TUTTI_TARGET != web2 ]"});
  EXPECT_EQ(run.status, 1) << run.error;
  fleet().KillController();
  fleet().StartController();
  fleet().WaitForOnline(3);
  EXPECT_THAT(fleet().Run({"job", "show", "kept"}).output,
              HasSubstr("3 targets; -t TARGET"));
  EXPECT_THAT(fleet().Run({"job", "show", "kept", "-t", "web2"}).output,
              HasSubstr("TUTTI_PARAM_PORT=91"));
  EXPECT_THAT(fleet().Run({"job", "show", "kept", "-o", "json"}).output,
              HasSubstr("\"TUTTI_PARAM_PORT\": \"90\""));
  const Finished retry = fleet().Run({"job", "retry", "kept"});
  EXPECT_EQ(retry.status, 1) << retry.error;
  EXPECT_EQ(retry.output, "web2: 91\n");
}

// A packet to the runner holds as much as a target may have.
TEST_F(ValuesTest, LargeParametersArriveWhole) {
  const std::string large(60'000, 'x');
  const Finished run =
      fleet().Run({"run", "-N", "--per-target",
                   Written("large", "web1 text=" + large + "\n"), "-c",
                   "echo ${#TUTTI_PARAM_TEXT}"});
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_EQ(run.output, "60000\n");
}

// If this fails, a tail that is followed for days fills the controller's memory
// or the target's disk.
TEST(NoKeepTest, NothingStaysOfWhatWasShown) {
  Fleet fleet({.name = "test",
               .controller_flags = {"--task-output-budget", "2MiB",
                                    "--total-output-budget", "4MiB"}});
  fleet.AddTarget("web1");
  fleet.WaitForOnline(1);
  // Never more than a megabyte ahead of its reader.
  const std::string seen = fleet.File("seen");
  const auto run = fleet.Start(
      {"run", "-t", "web1", "-N", "--no-keep", "--name", "passing", "-c",
       fmt::format("for i in $(seq 100); do head -c 99999 /dev/zero | tr "
                   "'\\0' x; echo; until [ $(stat -c %s {}) -ge "
                   "$(((i - 10) * 100000)) ]; do sleep 0.01; done; done",
                   seen)},
      seen);
  EXPECT_EQ(run->Wait(), 0) << run->error();
  EXPECT_EQ(std::filesystem::file_size(seen), 10'000'000u) << run->error();
  const std::string spool = fleet.AgentDirectory("web1") + "/state/spool";
  EXPECT_TRUE(WaitUntil([&] { return std::filesystem::is_empty(spool); }));
  const Finished later = fleet.Run({"job", "receive", "passing"});
  EXPECT_THAT(later.output + later.error,
              HasSubstr("9.5 MiB of output are missing here"));
  if (::testing::Test::HasFailure()) std::cerr << fleet.Logs();
}

TEST_F(ValuesTest, ADetachedJobsOutputWaitsForItsFirstReader) {
  EXPECT_EQ(fleet()
                .Run({"run", "-d", "-t", "web1", "--no-keep", "--name",
                      "unread", "--", "echo", "hello"})
                .status,
            0);
  EXPECT_EQ(fleet().Run({"job", "wait", "unread"}).status, 0);
  EXPECT_THAT(fleet().Run({"job", "receive", "unread"}).output,
              HasSubstr("web1: hello\n"));
  EXPECT_THAT(fleet().Run({"job", "receive", "unread"}).output,
              Not(HasSubstr("hello")));
}

}  // namespace
}  // namespace tutti::testing
