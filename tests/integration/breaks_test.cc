// Breaks in the middle of a job that writes 50 MB: it must end COMPLETED, its
// process must have run once, and the bytes must be the right ones.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <memory>
#include <string>
#include <vector>

#include "common/base/files.h"
#include "tests/support/fleet.h"
#include "tests/support/tcp_proxy.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

// Lines of 16 bytes: 50 MiB in all, one half before the gate, one behind it.
constexpr int kLines = 3276800;
constexpr int kHalf = kLines / 2;

uint64_t FileSize(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0 ? static_cast<uint64_t>(info.st_size)
                                        : 0;
}

class BreaksTest : public ::testing::Test {
 protected:
  void TearDown() override {
    if (HasFailure()) std::cerr << fleet_.Logs();
  }

  // The command that notes that it ran, writes one half, waits for the gate,
  // and writes the other.
  std::string Command() const {
    return fmt::format(
        "echo ran >> {0}; seq -f %015.0f 1 {2}; while [ ! -e {1} ]; do sleep "
        "0.02; done; seq -f %015.0f {3} {4}",
        fleet_.File("ran"), fleet_.File("gate"), kHalf, kHalf + 1, kLines);
  }

  void StartJob() {
    run_ = fleet_.Start({"run", "-t", "web1", "-N", "-c", Command()},
                        fleet_.File("output"));
    ASSERT_TRUE(WaitUntil([&] {
      return FileSize(fleet_.File("output")) > 1 << 20 || !run_->running();
    })) << run_->error();
  }

  void OpenGate() {
    ASSERT_TRUE(WriteFileAtomically(fleet_.File("gate"), "", 0644).ok());
  }

  void ExpectRightBytes(const std::string& path) {
    std::string expected;
    for (int line = 1; line <= kLines; ++line) {
      fmt::format_to(std::back_inserter(expected), "{:015}\n", line);
    }
    const absl::StatusOr<std::string> actual = ReadFile(path);
    ASSERT_TRUE(actual.ok()) << actual.status();
    EXPECT_EQ(actual->size(), expected.size());
    EXPECT_TRUE(*actual == expected) << "the bytes differ";
    EXPECT_EQ(ReadFile(fleet_.File("ran")).value_or(""), "ran\n");
  }

  Fleet fleet_;
  std::unique_ptr<Process> run_;
};

TEST_F(BreaksTest, AgentIsKilledAndStartedAgain) {
  fleet_.AddTarget("web1");
  fleet_.WaitForOnline(1);
  StartJob();
  fleet_.KillAgent("web1");
  OpenGate();
  fleet_.StartAgent("web1");
  EXPECT_EQ(run_->Wait(absl::Seconds(120)), 0) << run_->error();
  ExpectRightBytes(fleet_.File("output"));
}

TEST_F(BreaksTest, RunnerIsKilledAndStartedAgain) {
  fleet_.AddTarget("web1");
  fleet_.WaitForOnline(1);
  StartJob();
  fleet_.KillRunner("web1");
  OpenGate();
  fleet_.StartRunner("web1");
  // The exit status is known where a keeper is the parent, or the kernel keeps
  // it (Linux 6.15).
  const int status = run_->Wait(absl::Seconds(120));
  EXPECT_TRUE(status == 0 || status == 5) << run_->error();
  ExpectRightBytes(fleet_.File("output"));
}

TEST_F(BreaksTest, RunnerExecutesItselfAnew) {
  fleet_.AddTarget("web1");
  fleet_.WaitForOnline(1);
  StartJob();
  fleet_.runner("web1").Signal(SIGUSR2);
  ASSERT_TRUE(fleet_.runner("web1").WaitForError("goes on with a task"));
  OpenGate();
  EXPECT_EQ(run_->Wait(absl::Seconds(120)), 0) << run_->error();
  ExpectRightBytes(fleet_.File("output"));
}

// What it could not go on as must not cost what runs.
TEST_F(BreaksTest, RunnerWithABrokenConfigurationStaysAsItIs) {
  fleet_.AddTarget("web1");
  fleet_.WaitForOnline(1);
  StartJob();
  ASSERT_TRUE(
      WriteFileAtomically(fleet_.AgentDirectory("web1") + "/runner.yaml",
                          "nonsense: true\n", 0644)
          .ok());
  fleet_.runner("web1").Signal(SIGUSR2);
  ASSERT_TRUE(fleet_.runner("web1").WaitForError("it goes on as it is"));
  OpenGate();
  EXPECT_EQ(run_->Wait(absl::Seconds(120)), 0) << run_->error();
  ExpectRightBytes(fleet_.File("output"));
}

TEST_F(BreaksTest, ControllerIsKilledAndStartedAgain) {
  fleet_.AddTarget("web1");
  fleet_.WaitForOnline(1);
  StartJob();
  fleet_.KillController();
  OpenGate();
  fleet_.StartController();
  EXPECT_EQ(run_->Wait(absl::Seconds(120)), 0) << run_->error();
  ExpectRightBytes(fleet_.File("output"));
}

TEST_F(BreaksTest, ConnectionIsCutForTenSeconds) {
  TcpProxy proxy(fleet_.port());
  fleet_.AddTarget("web1", fmt::format("127.0.0.1:{}", proxy.port()));
  fleet_.WaitForOnline(1);
  StartJob();
  const int accepted = proxy.accepted();
  proxy.CutFor(absl::Seconds(10));
  OpenGate();
  EXPECT_EQ(run_->Wait(absl::Seconds(120)), 0) << run_->error();
  EXPECT_GT(proxy.accepted(), accepted);
  ExpectRightBytes(fleet_.File("output"));
}

// The CLI is configured with two ways to the controller; the one that it took
// goes away for good.
TEST_F(BreaksTest, CliGoesOnThroughTheNextController) {
  fleet_.AddTarget("web1");
  fleet_.WaitForOnline(1);
  auto first = std::make_unique<TcpProxy>(fleet_.port());
  const TcpProxy second(fleet_.port());
  absl::StatusOr<std::string> config = ReadFile(fleet_.ConfigPath());
  ASSERT_TRUE(config.ok()) << config.status();
  const std::string before = fmt::format("- \"{}\"", fleet_.address());
  const size_t at = config->find(before);
  ASSERT_NE(at, std::string::npos) << *config;
  config->replace(at, before.size(),
                  fmt::format("- \"127.0.0.1:{}\"\n      - \"127.0.0.1:{}\"",
                              first->port(), second.port()));
  ASSERT_TRUE(WriteFileAtomically(fleet_.ConfigPath(), *config, 0600).ok());
  StartJob();
  EXPECT_EQ(second.accepted(), 0);
  first.reset();
  OpenGate();
  EXPECT_EQ(run_->Wait(absl::Seconds(120)), 0) << run_->error();
  EXPECT_GT(second.accepted(), 0);
  ExpectRightBytes(fleet_.File("output"));
}

TEST_F(BreaksTest, CliIsKilledAndTheJobReceivedAfter) {
  fleet_.AddTarget("web1");
  fleet_.WaitForOnline(1);
  StartJob();
  run_->Signal(SIGKILL);
  run_->Wait();
  OpenGate();
  auto receive = fleet_.Start({"job", "receive", "--follow", "-N", "last"},
                              fleet_.File("received"));
  EXPECT_EQ(receive->Wait(absl::Seconds(120)), 0) << receive->error();
  ExpectRightBytes(fleet_.File("received"));
}

// The controller's memory is gone; the fleet itself is the copy.
TEST_F(BreaksTest, FinishedJobIsReceivedFromARestartedController) {
  fleet_.AddTarget("web1");
  fleet_.WaitForOnline(1);
  OpenGate();
  StartJob();
  EXPECT_EQ(run_->Wait(absl::Seconds(120)), 0) << run_->error();
  fleet_.KillController();
  fleet_.StartController();
  fleet_.WaitForOnline(1);
  auto receive =
      fleet_.Start({"job", "receive", "-N", "last"}, fleet_.File("received"));
  EXPECT_EQ(receive->Wait(absl::Seconds(120)), 0) << receive->error();
  ExpectRightBytes(fleet_.File("received"));
}

}  // namespace
}  // namespace tutti::testing
