// Many readers of one job, and one that does not read.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/file_descriptor.h"
#include "common/base/files.h"
#include "tests/support/fleet.h"
#include "tests/support/gate.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

// Sanitizers keep what was freed, and take their time.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TUTTI_SANITIZED
#endif
#endif
#ifdef TUTTI_SANITIZED
constexpr bool kIsSanitized = true;
#else
constexpr bool kIsSanitized = false;
#endif

constexpr int kReaders = 10;
constexpr uint64_t kMebibyte = 1 << 20;
constexpr uint64_t kBudget = 4 * kMebibyte;
// What each stream to a reader may hold beside the budget: messages under way
// and gRPC's buffers.
constexpr uint64_t kSlack = (kReaders + 1) * 2 * kMebibyte;
// Lines of ten bytes: ten times the budget, so that it shows when output piles
// up.
constexpr std::string_view kLines = kIsSanitized ? "700000" : "4400000";

// The most that a process has had resident, in bytes (VmHWM of proc(5)).
uint64_t PeakMemory(pid_t pid) {
  const std::string status =
      ReadFile(fmt::format("/proc/{}/status", pid)).value_or("");
  const size_t at = status.find("VmHWM:");
  if (at == status.npos) return 0;
  return std::strtoull(status.c_str() + at + 6, nullptr, 10) * 1024;
}

Finished RunPlain(const std::vector<std::string>& arguments,
                  const std::string& output_path = "") {
  return RunToEnd({.arguments = arguments,
                   .environment = {},
                   .standard_input = "",
                   .output_path = output_path});
}

class ReadersTest : public ::testing::Test {
 protected:
  ReadersTest() {
    fleet_.AddTarget("web1");
    fleet_.WaitForOnline(1);
    EXPECT_EQ(
        RunPlain({"/usr/bin/seq", "-f", "%09.0f", "1", std::string(kLines)},
                 expected_)
            .status,
        0);
  }

  void StartJob() {
    const Finished job =
        fleet_.Run({"run", "-d", "-t", "web1", "--name", "loud", "-c",
                    fmt::format("seq -f %09.0f 1 1; {}; seq -f %09.0f 2 {}",
                                gate_.Wait(), kLines)});
    ASSERT_EQ(job.status, 0) << job.error;
  }
  std::unique_ptr<Process> Follow(const std::string& path) {
    return fleet_.Start({"job", "receive", "loud", "--follow", "-N", "-q"},
                        path);
  }
  // Every byte of the job, and nothing else.
  void ExpectWhole(const std::string& path) {
    EXPECT_EQ(RunPlain({"/usr/bin/cmp", path, expected_}).output, "");
  }

  Fleet fleet_{{.name = "test",
                .controller_flags = {"--task-output-budget=2MiB",
                                     "--total-output-budget=4MiB"}}};
  const Gate gate_{fleet_.File("gate")};
  const std::string expected_ = fleet_.File("expected");
};

// If this fails, one stuck reader holds up a job, or output that readers have
// not taken yet piles up in the controller.
TEST_F(ReadersTest, OneThatDoesNotReadHoldsUpNobodyAndCostsNoMemory) {
  StartJob();
  const std::string stuck_path = fleet_.File("stuck");
  ASSERT_EQ(mkfifo(stuck_path.c_str(), 0600), 0);
  // Somebody has the other end open and takes nothing.
  const FileDescriptor stuck_end(
      open(stuck_path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  auto stuck = Follow(stuck_path);
  std::vector<std::unique_ptr<Process>> readers;
  for (int i = 0; i < kReaders; ++i) {
    readers.push_back(Follow(fleet_.File(fmt::format("reader{}", i))));
  }
  // All of them are there.
  EXPECT_TRUE(WaitUntil([&] {
    int waiting = 0;
    ioctl(stuck_end.get(), FIONREAD, &waiting);
    return waiting > 0;
  }));
  for (int i = 0; i < kReaders; ++i) {
    EXPECT_TRUE(WaitUntil([&] {
      return !ReadFile(fleet_.File(fmt::format("reader{}", i)))
                  .value_or("")
                  .empty();
    }));
  }
  const uint64_t before = PeakMemory(fleet_.controller().pid());
  ASSERT_GT(before, 0u);
  gate_.Open();
  EXPECT_EQ(fleet_.Run({"job", "wait", "loud", "--timeout", "2m"}).status, 0);
  for (int i = 0; i < kReaders; ++i) {
    EXPECT_EQ(readers[i]->Wait(absl::Minutes(2)), 0) << readers[i]->error();
    ExpectWhole(fleet_.File(fmt::format("reader{}", i)));
  }
  EXPECT_TRUE(stuck->running());
  const uint64_t grown = PeakMemory(fleet_.controller().pid()) - before;
  if (!kIsSanitized) {
    EXPECT_LT(grown, kBudget + kSlack) << grown / kMebibyte << " MiB";
  }
  // It is served from the target when it reads after all.
  const Finished late = RunPlain({"/bin/cp", stuck_path, fleet_.File("late")});
  EXPECT_EQ(late.status, 0) << late.error;
  EXPECT_EQ(stuck->Wait(), 0) << stuck->error();
  ExpectWhole(fleet_.File("late"));
  if (HasFailure()) std::cerr << fleet_.Logs();
}

}  // namespace
}  // namespace tutti::testing
