// Secrets of a job, through all programs. If one of these fails, a password
// stays where nobody looks after it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/files.h"
#include "tests/support/fleet.h"
#include "tests/support/gate.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kSecret[] = "correct-horse-battery-staple-4711";

// Every program says in its log what it can.
class SecretTest : public ::testing::Test {
 protected:
  SecretTest()
      : fleet_({.name = "test", .controller_flags = {"--log-level", "debug"}}) {
    for (const std::string name : {"web1", "web2"}) {
      fleet_.AddTarget(name);
      fleet_.KillRunner(name);
      fleet_.StartRunner(name, {"--log-level", "debug"});
      fleet_.KillAgent(name);
      EXPECT_TRUE(
          WriteFileAtomically(fleet_.AgentDirectory(name) + "/agent.yaml",
                              "log_level: debug\n", 0600)
              .ok());
      fleet_.StartAgent(name);
    }
    fleet_.WaitForOnline(2);
    EXPECT_TRUE(
        WriteFileAtomically(path_, std::string(kSecret) + "\n", 0600).ok());
  }
  void TearDown() override {
    if (HasFailure()) std::cerr << fleet_.Logs();
  }

  // Files of controller, agents and runners that hold it.
  std::vector<std::string> FilesWithIt() {
    std::vector<std::string> found;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(fleet_.directory())) {
      if (!entry.is_regular_file()) continue;
      const auto content = ReadFile(entry.path().string());
      if (content.ok() && content->find(kSecret) != std::string::npos) {
        found.push_back(entry.path().string());
      }
    }
    return found;
  }
  // Programs that have it on their command line.
  static std::vector<std::string> TitlesWithIt() {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const std::string name = entry.path().filename();
      if (std::isdigit(static_cast<unsigned char>(name[0])) == 0) continue;
      const auto title = ReadFile(entry.path().string() + "/cmdline");
      if (title.ok() && title->find(kSecret) != std::string::npos) {
        found.push_back(name);
      }
    }
    return found;
  }
  std::string Option() const { return "TOKEN=@" + path_; }

  Fleet fleet_;
  TemporaryDirectory directory_;
  const std::string path_ = directory_.File("token");
};

TEST_F(SecretTest, ReachesTheProgramAndIsKeptNowhere) {
  const Gate gate(directory_.File("gate"));
  const auto run = fleet_.Start(
      {"run", "-t", "all", "--name", "hushed", "--secret", Option(), "-c",
       "printf %s \"$TOKEN\" | wc -c; " + gate.Wait()});
  ASSERT_TRUE(run->WaitForOutput("web1: 33"));
  ASSERT_TRUE(run->WaitForOutput("web2: 33"));
  EXPECT_THAT(FilesWithIt(), IsEmpty());
  EXPECT_THAT(TitlesWithIt(), IsEmpty());
  gate.Open();
  EXPECT_EQ(run->Wait(), 0) << run->error();
  EXPECT_THAT(FilesWithIt(), IsEmpty());
  const Finished shown = fleet_.Run({"job", "show", "hushed", "-o", "json"});
  EXPECT_EQ(shown.status, 0);
  EXPECT_THAT(shown.output + run->error() + run->output() + fleet_.Logs(),
              Not(HasSubstr(kSecret)));
}

// What finds nothing must be able to find something.
TEST_F(SecretTest, WhatTheProgramPrintsIsKeptAsAnyOutput) {
  const Finished run = fleet_.Run({"run", "-t", "web1", "-N", "--secret",
                                   Option(), "-c", "echo \"$TOKEN\""});
  EXPECT_EQ(run.output, std::string(kSecret) + "\n") << run.error;
  EXPECT_THAT(FilesWithIt(), Not(IsEmpty()));
}

TEST_F(SecretTest, WhatIsPublicOrInconsistentStartsNothing) {
  const Finished open =
      fleet_.Run({"run", "-t", "all", "--secret", "TOKEN=abc", "--", "true"});
  EXPECT_EQ(open.status, 2);
  EXPECT_THAT(open.error,
              AllOf(HasSubstr("TOKEN=@FILE"), Not(HasSubstr("abc"))));
  const Finished twice = fleet_.Run({"run", "-t", "all", "--secret", Option(),
                                     "--env", "TOKEN=x", "--", "true"});
  EXPECT_EQ(twice.status, 2);
  EXPECT_THAT(twice.error, HasSubstr("--secret: 'TOKEN'"));
  const Finished card = fleet_.Run(
      {"run", "-n", "-t", "all", "--secret", Option(), "--", "true"});
  EXPECT_EQ(card.status, 0) << card.error;
  EXPECT_THAT(card.output, AllOf(HasSubstr("TOKEN"), Not(HasSubstr(kSecret))));
}

TEST_F(SecretTest, ComesFromStandardInputToo) {
  const Finished run = fleet_.Run({"run", "-t", "web1", "-N", "--secret",
                                   "TOKEN=@-", "-c", "echo ${#TOKEN}"},
                                  "12345\n");
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_EQ(run.output, "5\n");
}

TEST_F(SecretTest, ARetryNeedsItAgain) {
  fleet_.Run({"run", "-t", "all", "--name", "again", "--secret", Option(), "-c",
              "[ $TUTTI_TARGET != web2 ]"});
  const Finished without = fleet_.Run({"job", "retry", "again"});
  EXPECT_EQ(without.status, 2);
  EXPECT_THAT(without.error, HasSubstr("--secret TOKEN=@FILE"));
  const std::string other = directory_.File("other");
  ASSERT_TRUE(WriteFileAtomically(other, "new", 0600).ok());
  const Finished with =
      fleet_.Run({"job", "retry", "again", "--secret", "TOKEN=@" + other});
  EXPECT_EQ(with.status, 1) << with.error;
}

TEST_F(SecretTest, WhatHadNotStartedIsSkippedAfterARestart) {
  fleet_.KillAgent("web2");
  const Finished started =
      fleet_.Run({"run", "-d", "-t", "all", "--offline", "wait", "--name",
                  "lost", "--secret", Option(), "--", "sleep", "1000"});
  EXPECT_EQ(started.status, 0) << started.error;
  fleet_.KillController();
  EXPECT_THAT(FilesWithIt(), IsEmpty());
  fleet_.StartController();
  const Finished shown = fleet_.Run({"job", "show", "lost"});
  EXPECT_THAT(shown.output,
              AllOf(HasSubstr("SKIPPED"), HasSubstr("its secrets were lost")));
  EXPECT_EQ(fleet_.Run({"job", "stop", "lost"}).status, 0);
}

}  // namespace
}  // namespace tutti::testing
