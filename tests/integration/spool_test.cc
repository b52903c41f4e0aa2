// A spool that is too small for what a command writes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/files.h"
#include "tests/support/fleet.h"
#include "tests/support/process.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

using ::testing::HasSubstr;

// While the agent is away nobody takes the output: the command ends all the
// same, the end of its output comes, and the rest is counted.
TEST(SpoolTest, ToldToDropItLosesTheOldestOutputAndTheReaderSeesHowMuch) {
  Fleet fleet;
  fleet.AddTarget("web1");
  fleet.WaitForOnline(1);
  fleet.runner("web1").Signal(SIGTERM);
  fleet.runner("web1").Wait();
  fleet.StartRunner("web1",
                    {"--spool-policy=drop", "--spool-task-limit=256KiB"});
  const std::string started = fleet.File("started");
  const std::string gate = fleet.File("gate");
  const std::string done = fleet.File("done");
  auto run = fleet.Start({"run", "-t", "web1", "-N", "-c",
                          "touch " + started + "; while [ ! -e " + gate +
                              " ]; do sleep 0.01; done; "
                              "seq -f %07.0f 1 500000; touch " +
                              done},
                         fleet.File("output"));
  ASSERT_TRUE(WaitUntil([&] { return ReadFile(started).ok(); }))
      << fleet.Logs();
  fleet.KillAgent("web1");
  ASSERT_TRUE(WriteFileAtomically(gate, "", 0644).ok());
  ASSERT_TRUE(WaitUntil([&] { return ReadFile(done).ok(); }))
      << "the command waited";
  fleet.StartAgent("web1");
  EXPECT_EQ(run->Wait(), 0) << run->error();

  const absl::StatusOr<std::string> tail = ReadFile(fleet.File("output"));
  ASSERT_TRUE(tail.ok()) << tail.status();
  EXPECT_GT(tail->size(), 64u << 10);
  const int lines = static_cast<int>(tail->size() / 8);
  std::string expected;
  for (int line = 500'000 - lines + 1; line <= 500'000; ++line) {
    expected += fmt::format("{:07}\n", line);
  }
  // The first line may have lost its beginning.
  EXPECT_TRUE(tail->ends_with(expected));
  EXPECT_THAT(run->error(), HasSubstr("of output are missing here"));
  EXPECT_THAT(run->error(),
              HasSubstr(fmt::format("{} bytes of its output were dropped",
                                    500'000 * 8 - tail->size())));
  if (::testing::Test::HasFailure()) std::cerr << fleet.Logs();
}

}  // namespace
}  // namespace tutti::testing
