// The controller's own host with a real runner and a real core.
#include "controller/local/local_host.h"

#include <memory>
#include <string>

#include "common/targets/local_target.h"
#include "tests/support/status_matchers.h"
#include "tests/support/wait.h"
#include "tests/unit/controller_local/core_thread_fixture.h"
#include "tests/unit/runner/test_runner.h"

namespace tutti::testing {
namespace {

class LocalHostTest : public CoreThreadFixture {
 protected:
  ~LocalHostTest() override {
    core_thread_.Stop();
    host_.reset();
  }

  void Begin(const std::string& state_directory) {
    host_ = std::make_unique<controller::LocalHost>(
        controller::LocalHost::Options{
            .socket = state_directory + "/runner.sock", .fleet = "demo"},
        core_thread_, sessions_);
  }
  bool IsOnline() {
    return OnCore([](controller::Core& core) {
      return core.SessionOf(kLocalTarget) != 0;
    });
  }
  static runner::RunnerServer::Options LocalOptions() {
    runner::RunnerServer::Options options;
    options.target = std::string(kLocalTarget);
    return options;
  }
  // Whether the core knows it, there or not.
  bool IsKnown() {
    return OnCore([](controller::Core& core) {
      return core.registry().Find(kLocalTarget) != nullptr;
    });
  }

  std::unique_ptr<controller::LocalHost> host_;
};

// An agent's runner has attempts that only the agent may release.
TEST_F(LocalHostTest, TheRunnerOfAnotherTargetIsLeftAlone) {
  TestRunner other;
  other.RunShell("echo its own");
  Begin(other.state_directory());
  other.RunShell("echo while it looks");
  other.Restart();
  other.WaitForListing();
  EXPECT_THAT(other.States(), ::testing::SizeIs(2));
  EXPECT_FALSE(IsKnown());
}

TEST_F(LocalHostTest, WithoutARunnerNobodyKnowsIt) {
  const TemporaryDirectory empty;
  Begin(empty.path());
  EXPECT_FALSE(IsKnown());
}

TEST_F(LocalHostTest, ItIsOnlineWhileTheRunnerIsThere) {
  TestRunner runner(LocalOptions());
  Begin(runner.state_directory());
  ASSERT_TRUE(WaitUntil([this] { return IsOnline(); }));
  EXPECT_THAT(
      OnCore([](controller::Core& core) { return core.registry().names(); }),
      ::testing::IsEmpty());
  runner.ShutDown();
  ASSERT_TRUE(WaitUntil([this] { return !IsOnline(); }));
  EXPECT_TRUE(IsKnown());
  runner.Restart();
  EXPECT_TRUE(WaitUntil([this] { return IsOnline(); }));
}

// As after output that the core could not fit to what it has.
TEST_F(LocalHostTest, ASessionThatTheCoreEndsIsFollowedByAnother) {
  TestRunner runner(LocalOptions());
  Begin(runner.state_directory());
  ASSERT_TRUE(WaitUntil([this] { return IsOnline(); }));
  const auto first = OnCore([this](controller::Core& core) {
    const controller::SessionId session = core.SessionOf(kLocalTarget);
    sessions_.End(session, absl::AbortedError("test"));
    return session;
  });
  EXPECT_TRUE(WaitUntil([&] {
    const auto now = OnCore(
        [](controller::Core& core) { return core.SessionOf(kLocalTarget); });
    return now != 0 && now != first;
  }));
}

TEST_F(LocalHostTest, AfterDrainItStaysAway) {
  TestRunner runner(LocalOptions());
  Begin(runner.state_directory());
  ASSERT_TRUE(WaitUntil([this] { return IsOnline(); }));
  host_->Drain();
  ASSERT_TRUE(WaitUntil([this] { return !IsOnline(); }));
  runner.Restart();
  runner.WaitForListing();
  EXPECT_FALSE(IsOnline());
}

// What the runner had before the controller was started is in the hello, and
// the core, which does not know it, has it forgotten.
TEST_F(LocalHostTest, AnAttemptThatNobodyKnowsIsReleased) {
  TestRunner runner(LocalOptions());
  const auto state = runner.RunShell("echo left over");
  Begin(runner.state_directory());
  ASSERT_TRUE(WaitUntil([this] { return IsOnline(); }));
  EXPECT_TRUE(WaitUntil([&] {
    runner.Restart();
    runner.WaitForListing();
    return runner.States().empty();
  }));
}

}  // namespace
}  // namespace tutti::testing
