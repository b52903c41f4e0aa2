// Rolling out with the real programs: limits, batches, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "common/base/files.h"
#include "tests/support/fleet.h"
#include "tests/support/gate.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kTargets = 6;

std::vector<std::string> LinesOf(const std::string& path) {
  std::vector<std::string> lines;
  std::istringstream text(ReadFile(path).value_or(""));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

class RolloutTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    fleet_ = std::make_unique<Fleet>();
    for (int i = 1; i <= kTargets; ++i) {
      fleet_->AddTarget(fmt::format("web{}", i));
    }
    fleet_->WaitForOnline(kTargets);
  }
  static void TearDownTestSuite() { fleet_.reset(); }

  void TearDown() override {
    if (HasFailure()) std::cerr << fleet_->Logs();
  }

  // `run` on all targets with these options, of a shell command.
  static Finished Run(std::vector<std::string> options,
                      const std::string& command) {
    std::vector<std::string> arguments = {"run", "-t", "all", "-c", command};
    arguments.insert(arguments.begin() + 1, options.begin(), options.end());
    return fleet_->Run(arguments);
  }

  static Fleet& fleet() { return *fleet_; }

 private:
  inline static std::unique_ptr<Fleet> fleet_;
};

// If this fails, a bad change breaks more hosts than were allowed.
TEST_F(RolloutTest, MaxFailuresIsNeverOvershot) {
  for (const char* fanout : {"1", "100%"}) {
    const std::string ran = fleet().File(fmt::format("ran-{}", fanout));
    const Finished run = Run({"--max-failures", "2", "-f", fanout},
                             "echo $TUTTI_TARGET >> " + ran + "; exit 1");
    EXPECT_EQ(run.status, 3) << run.error;
    EXPECT_EQ(LinesOf(ran).size(), 2u);
    EXPECT_THAT(run.error, AllOf(HasSubstr("2 failed"),
                                 HasSubstr("--max-failures 2 was reached")));
  }
  const Finished said = Run({"--max-failures", "2"}, "exit 1");
  EXPECT_THAT(said.error, HasSubstr("2 at once, because of --max-failures 2"));
}

// What is in flight goes on to its end: the second one ends only when the rest
// is known to be skipped.
TEST_F(RolloutTest, StopAfterLetsWhatIsInFlightEnd) {
  const std::string started = fleet().File("second-started");
  const Gate second(started);
  const Gate gate(fleet().File("second-gate"));
  const std::string command = "case $TUTTI_TARGET in web1) " + second.Wait() +
                              "; exit 1;; *) touch " + started + "; " +
                              gate.Wait() + "; echo through;; esac";
  auto run = fleet().Start({"run", "-t", "all", "--name", "stop-after",
                            "--stop-after", "1", "-f", "2", "-c", command});
  ASSERT_TRUE(WaitUntil([] {
    return fleet().Run({"job", "show", "stop-after"}).output.find("SKIPPED") !=
           std::string::npos;
  }));
  gate.Open();
  EXPECT_EQ(run->Wait(), 3) << run->error();
  run->Drain();
  EXPECT_THAT(run->output(), HasSubstr("web2: through"));
  EXPECT_THAT(run->error(), HasSubstr("--stop-after 1 was reached"));
}

TEST_F(RolloutTest, StopRunningEndsWhatRuns) {
  const std::string started = fleet().File("endless-started");
  const Finished run =
      Run({"--stop-after", "1", "--stop-running", "-f", "2"},
          "case $TUTTI_TARGET in web1) " + Gate(started).Wait() +
              "; exit 1;; *) touch " + started + "; sleep 1000;; esac");
  EXPECT_EQ(run.status, 3) << run.error;
  EXPECT_THAT(run.error, AllOf(HasSubstr("1 stopped"), HasSubstr("4 skipped"),
                               HasSubstr("1 failed")));
}

TEST_F(RolloutTest, BatchesComeOneAfterTheOther) {
  const std::string log = fleet().File("batches");
  const Finished run =
      Run({"--batch", "2", "--batch-wait", "100ms"},
          "echo start >> " + log + "; sleep 0.2; echo end >> " + log);
  EXPECT_EQ(run.status, 0) << run.error;
  const std::vector<std::string> lines = LinesOf(log);
  ASSERT_EQ(lines.size(), 2u * kTargets);
  for (size_t batch = 0; batch < lines.size(); batch += 4) {
    EXPECT_EQ(
        std::count(lines.begin() + batch, lines.begin() + batch + 4, "start"),
        2)
        << batch;
  }
  EXPECT_THAT(run.error, HasSubstr("batches of 2, 100ms apart"));
}

TEST_F(RolloutTest, RateAndSplayStartEverybody) {
  const Finished run =
      Run({"--start-rate", "20/s", "--splay", "200ms"}, "true");
  EXPECT_EQ(run.status, 0) << run.error;
}

// The rules come out of the journal.
TEST_F(RolloutTest, LimitHoldsOverARestartOfTheController) {
  const std::string ran = fleet().File("ran-restart");
  const Gate gate(fleet().File("restart-gate"));
  auto run = fleet().Start(
      {"run", "-t", "all", "--max-failures", "1", "-c",
       "echo ran >> " + ran + "; echo here; " + gate.Wait() + "; exit 1"});
  ASSERT_TRUE(run->WaitForOutput("here"));
  fleet().KillController();
  fleet().StartController();
  gate.Open();
  EXPECT_EQ(run->Wait(), 3) << run->error();
  EXPECT_EQ(LinesOf(ran).size(), 1u);
  fleet().WaitForOnline(kTargets);
}

// If this fails, a change that failed on one host goes on to all of them.
TEST_F(RolloutTest, CanaryThatFailsBlocksUntilItIsApproved) {
  auto run = fleet().Start({"run", "-t", "all", "--name", "canary", "--canary",
                            "1", "-c", "[ $TUTTI_TARGET != web1 ]"});
  ASSERT_TRUE(run->WaitForError("tutti job approve"));
  EXPECT_THAT(fleet().Run({"job", "show", "canary"}).output,
              HasSubstr("BLOCKED"));
  EXPECT_EQ(fleet().Run({"job", "approve", "canary"}).status, 0);
  EXPECT_EQ(run->Wait(), 1) << run->error();
  const Finished ended = fleet().Run({"job", "approve", "last:stop-after"});
  EXPECT_EQ(ended.status, 2);
  EXPECT_THAT(ended.error, HasSubstr("does not wait for approval"));
  EXPECT_EQ(Run({"--canary", "2"}, "true").status, 0);
}

// If this fails, a rack loses two of its hosts at once.
TEST_F(RolloutTest, NeverTwoOfARackAtOnce) {
  for (const auto& [targets, rack] :
       {std::pair("web[1-3]", "rack=a"), std::pair("web[4-6]", "rack=b")}) {
    ASSERT_EQ(fleet().Run({"agent", "label", targets, rack}).status, 0);
  }
  const std::string rack = "rack=" + fleet().File("rack-") +
                           "$([ ${TUTTI_TARGET#web} -le 3 ] && echo a || echo "
                           "b); ";
  const Finished run =
      Run({"--max-per-label", "rack=1"},
          rack + "mkdir $rack || exit 1; sleep 0.05; rmdir $rack");
  EXPECT_EQ(run.status, 0) << run.error;
  EXPECT_THAT(run.error, HasSubstr("at most 1 of each rack"));

  const Finished slip = Run({"--max-per-label", "rak=1"}, "true");
  EXPECT_EQ(slip.status, 2);
  EXPECT_THAT(slip.error, HasSubstr("did you mean rack?"));

  const std::string ran = fleet().File("ran-racks");
  const Gate gate(fleet().File("rack-gate"));
  auto held = fleet().Start({"run", "-t", "all", "--name", "racks",
                             "--max-per-label", "rack=1", "-c",
                             "echo ran >> " + ran + "; " + gate.Wait()});
  ASSERT_TRUE(WaitUntil([&] { return LinesOf(ran).size() == 2; }));
  EXPECT_EQ(
      fleet().Run({"job", "set", "racks", "--max-per-label", "rack=0"}).status,
      0);
  EXPECT_TRUE(WaitUntil([&] { return LinesOf(ran).size() == kTargets; }));
  gate.Open();
  EXPECT_EQ(held->Wait(), 0) << held->error();
}

// If this fails, a change begins that not enough hosts take.
TEST_F(RolloutTest, NothingStartsBeforeTheQuorum) {
  const Finished refused =
      Run({"--quorum", "5", "-u", "no-such-user-of-ours"}, "true");
  EXPECT_EQ(refused.status, 4) << refused.error;
  EXPECT_THAT(refused.error,
              AllOf(HasSubstr("no-such-user-of-ours"),
                    HasSubstr("the quorum of 5 can not be reached: 2 of 6 "
                              "refused, are offline or were stopped")));

  // One of them can not say anything.
  fleet().KillRunner("web6");
  const std::string ran = fleet().File("ran-quorum");
  const Gate gate(fleet().File("quorum-gate"));
  EXPECT_EQ(Run({"--quorum", "100%", "-f", "3", "-d", "--name", "quorum"},
                "[ -e " + gate.path() + " ] && echo ran >> " + ran)
                .status,
            0);
  EXPECT_THAT(fleet().Run({"job", "show", "quorum"}).output,
              AllOf(HasSubstr("PENDING"), Not(HasSubstr("RUNNING"))));
  gate.Open();
  fleet().StartRunner("web6");
  EXPECT_EQ(fleet().Run({"job", "wait", "quorum"}).status, 0);
  EXPECT_EQ(LinesOf(ran).size(), static_cast<size_t>(kTargets));
}

TEST_F(RolloutTest, BadOptionsAreRefusedOnOneLine) {
  struct Case {
    std::vector<std::string> options;
    std::vector<std::string> parts;
  };
  const std::vector<Case> cases = {
      {{"--fanout", "101%"}, {"--fanout", "101%", "100%"}},
      {{"--fanout", "0"}, {"--fanout", "from 1"}},
      {{"--canary-wait", "1m"}, {"--canary-wait", "add --canary"}},
      {{"--batch", "-2"}, {"--batch"}},
      {{"--batch=-2"}, {"--batch", "-2", "from 1"}},
      {{"--batch-wait", "30s"}, {"--batch-wait", "add --batch"}},
      {{"--batch", "2", "--batch-wait", "soon"}, {"--batch-wait", "soon"}},
      {{"--start-rate", "50"}, {"--start-rate", "50/s"}},
      {{"--splay", "-1s"}, {"--splay"}},
      {{"--stop-after", "200%"}, {"--stop-after", "200%"}},
      {{"--max-failures", "0"}, {"--max-failures", "1 goes one at a time"}},
      {{"--max-failures=-1"}, {"--max-failures", "-1"}},
      {{"--stop-running"}, {"--stop-running", "--max-failures"}},
      {{"--count-offline"}, {"--count-offline", "--stop-after"}},
      {{"--stop-after", "3", "--max-failures", "2"}, {"never reached"}},
      {{"--quorum", "0"}, {"--quorum", "from 1"}},
      {{"--quorum", "101%"}, {"--quorum", "100%"}},
      {{"--quorum", "7"}, {"--quorum 7", "6 targets"}},
      {{"--max-per-label", "arch"}, {"--max-per-label", "write rack=1"}},
      {{"--max-per-label", "arch=0"}, {"arch=0", "from 1"}},
  };
  const std::string witness = fleet().File("started");
  for (const Case& bad : cases) {
    const Finished run = Run(bad.options, "touch " + witness);
    EXPECT_EQ(run.status, 2) << bad.options[0] << ": " << run.error;
    EXPECT_EQ(std::count(run.error.begin(), run.error.end(), '\n'), 1)
        << run.error;
    for (const std::string& part : bad.parts) {
      EXPECT_THAT(run.error, HasSubstr(part));
    }
  }
  EXPECT_FALSE(ReadFile(witness).ok());
}

}  // namespace
}  // namespace tutti::testing
