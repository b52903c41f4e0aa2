#include "controller/cli/follow/progress_bar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tutti::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Progress Busy() {
  Progress progress;
  progress.job_number = 17;
  progress.counts = {{v1::TASK_STATE_COMPLETED, 640},
                     {v1::TASK_STATE_FAILED, 12},
                     {v1::TASK_STATE_RUNNING, 40},
                     {v1::TASK_STATE_PENDING, 308}};
  progress.elapsed = absl::Seconds(8);
  progress.per_second = 81;
  return progress;
}

std::string Text(const Progress& progress, int width) {
  return PlainText(ProgressBar(progress, width));
}

TEST(ProgressBarTest, SaysHowFarAJobIs) {
  EXPECT_EQ(Text(Busy(), 200),
            "job 17 · 8 s · [███████████████x▒░░░░░░░] 640/1000 completed · 12 "
            "failed · 40 running · 308 pending · 81/s · 4 s left");
}

TEST(ProgressBarTest, LeavesOutTheLeastImportantFirst) {
  EXPECT_EQ(Text(Busy(), 90),
            "8 s · [███x▒░] 640/1000 completed · 12 failed · 40 running · 308 "
            "pending · 81/s · 4 s left");
  EXPECT_EQ(Text(Busy(), 77),
            "[███x▒░] 640/1000 completed · 12 failed · 40 running · 308 "
            "pending · 4 s left");
  EXPECT_EQ(Text(Busy(), 66),
            "[███x▒░] 640/1000 completed · 12 failed · 40 running · 308 "
            "pending");
  EXPECT_EQ(Text(Busy(), 37), "[████████x▒░░░░] 640/1000 · 12 failed");
  EXPECT_EQ(Text(Busy(), 17), "[███x▒░] 640/1000");
}

// If this fails, a line wraps in some window.
TEST(ProgressBarTest, FitsAnyWidth) {
  Progress progress = Busy();
  progress.held = true;
  for (int state = v1::TASK_STATE_PENDING; state <= v1::TASK_STATE_UNKNOWN;
       ++state) {
    if (v1::TaskState_IsValid(state)) {
      progress.counts[static_cast<v1::TaskState>(state)] = 1234;
    }
  }
  for (int width = 10; width < 400; ++width) {
    EXPECT_LE(DisplayWidth(Text(progress, width)), width);
  }
}

// One failure among thousands must be seen.
TEST(ProgressBarTest, EveryKindHasACell) {
  Progress progress;
  progress.counts = {{v1::TASK_STATE_COMPLETED, 9998},
                     {v1::TASK_STATE_REFUSED, 1},
                     {v1::TASK_STATE_DISCONNECTED, 1}};
  EXPECT_THAT(Text(progress, 40), HasSubstr("x▒]"));
  EXPECT_THAT(Text(progress, 17), Not(HasSubstr("[")));
}

TEST(ProgressBarTest, SaysWhyNothingGoesOn) {
  Progress progress = Busy();
  progress.state = v1::JOB_STATE_BLOCKED;
  progress.counts[v1::TASK_STATE_SUSPENDED] = 2;
  EXPECT_THAT(Text(progress, 200),
              HasSubstr("completed · BLOCKED · 12 failed · 2 suspended · 40"));
  // Nobody knows how long that takes.
  EXPECT_THAT(Text(progress, 200), Not(HasSubstr("left")));
  progress.state = v1::JOB_STATE_RUNNING;
  progress.held = true;
  EXPECT_THAT(Text(progress, 200), HasSubstr("completed · held · 12 failed"));
}

TEST(ProgressBarTest, SlowRatesAreTold) {
  Progress progress = Busy();
  progress.per_second = 0.2;
  EXPECT_THAT(Text(progress, 200), HasSubstr("12/min · 29 min left"));
  progress.per_second = 0;
  EXPECT_THAT(Text(progress, 200), Not(HasSubstr("left")));
}

}  // namespace
}  // namespace tutti::cli
