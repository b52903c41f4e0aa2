#include "controller/cli/follow/progress_line.h"

#include <gtest/gtest.h>

#include <string>

#include "common/base/duration.h"
#include "tests/unit/cli_follow/job_messages.h"

namespace tutti::cli {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

v1::TaskStatus Running(absl::Duration since) {
  v1::TaskStatus status = Status(v1::TASK_STATE_RUNNING);
  *status.mutable_attempt()->mutable_started_at() = ToProto(kNow - since);
  return status;
}

class ProgressLineTest : public ::testing::Test {
 protected:
  ProgressLineTest() {
    Apply(JobMessage("db3,web[01-07]", 8));
    for (uint32_t task = 1; task < 7; ++task) {
      Apply(StatusMessage(task, Ended(v1::TASK_STATE_COMPLETED, 0)));
    }
    Apply(StatusMessage(0, Running(absl::Seconds(41))));
    v1::TaskStatus lost = Status(v1::TASK_STATE_DISCONNECTED);
    *lost.mutable_link_lost_at() = ToProto(kNow - absl::Seconds(12));
    Apply(StatusMessage(7, lost));
  }
  void Apply(v1::WatchJobResponse message) {
    ASSERT_TRUE(job_.Apply(message, listener_).ok());
  }

  FollowedJob job_;
  ViewListener listener_;
};

TEST_F(ProgressLineTest, CountsByState) {
  EXPECT_EQ(ProgressLine(job_, {kNow, absl::Seconds(3)}, 200),
            "job 17 · 3 s · 6 completed, 1 disconnected, 1 running");
}

TEST_F(ProgressLineTest, AfterTenSecondsItSaysWhoIsSlowAndWhy) {
  EXPECT_EQ(ProgressLine(job_, {kNow, absl::Seconds(42)}, 200),
            "job 17 · 42 s · 6 completed, 1 disconnected, 1 running · waiting "
            "for web07 (link lost 12 s ago), db3 (running 41 s)");
}

// The target's clock may be minutes off; the job is 20 s old.
TEST_F(ProgressLineTest, AWrongClockShowsNoNonsense) {
  const std::string line = ProgressLine(
      job_, {kNow, absl::Seconds(20), /*longest=*/absl::Seconds(20)}, 200);
  EXPECT_NE(line.find("db3 (running 20 s)"), line.npos) << line;
}

TEST_F(ProgressLineTest, NamesTheSlowestAndCountsTheRest) {
  for (uint32_t task = 1; task < 6; ++task) {
    Apply(StatusMessage(task, Running(absl::Seconds(10 + task))));
  }
  EXPECT_EQ(ProgressLine(job_, {kNow, absl::Seconds(42)}, 200),
            "job 17 · 42 s · 1 completed, 1 disconnected, 6 running · waiting "
            "for web07 (link lost 12 s ago), db3 (running 41 s), web05 "
            "(running 15 s) and 4 others");
}

// How many are waited for is worth more than the names of some.
TEST_F(ProgressLineTest, NamesFewerWhereThereIsNoRoom) {
  EXPECT_EQ(ProgressLine(job_, {kNow, absl::Seconds(42)}, 100),
            "job 17 · 42 s · 6 completed, 1 disconnected, 1 running · waiting "
            "for web07 (link lost 12 s ago) and 1 other");
  EXPECT_EQ(ProgressLine(job_, {kNow, absl::Seconds(42)}, 20),
            "job 17 · 42 s · 6 completed, 1 disconnected, 1 running · waiting "
            "for web07 (link lost 12 s ago) and 1 other");
}

}  // namespace
}  // namespace tutti::cli
