#include "controller/cli/follow/waiting_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/duration.h"
#include "controller/cli/terminal.h"
#include "tests/unit/cli_follow/job_messages.h"

namespace tutti::cli {
namespace {

using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

v1::TaskStatus Running(absl::Duration since) {
  v1::TaskStatus status = Status(v1::TASK_STATE_RUNNING);
  *status.mutable_attempt()->mutable_started_at() = ToProto(kNow - since);
  return status;
}

v1::TaskStatus Lost(absl::Duration since) {
  v1::TaskStatus status = Status(v1::TASK_STATE_DISCONNECTED);
  *status.mutable_link_lost_at() = ToProto(kNow - since);
  return status;
}

class WaitingLineTest : public ::testing::Test {
 protected:
  WaitingLineTest() {
    Apply(JobMessage("db3,web[01-07]", 8));
    for (uint32_t task = 1; task < 7; ++task) {
      Apply(StatusMessage(task, Ended(v1::TASK_STATE_COMPLETED, 0)));
    }
    Apply(StatusMessage(0, Running(absl::Seconds(41))));
    Apply(StatusMessage(7, Lost(absl::Seconds(12))));
  }
  void Apply(v1::WatchJobResponse message) {
    ASSERT_TRUE(job_.Apply(message, listener_).ok());
  }
  std::string Line(int width = 200) { return WaitingLine(job_, {kNow}, width); }

  FollowedJob job_;
  ViewListener listener_;
};

TEST_F(WaitingLineTest, SaysWhoIsSlowAndWhy) {
  EXPECT_EQ(Line(),
            "waiting for web07 (link lost 12 s ago), db3 (running 41 s)");
}

TEST_F(WaitingLineTest, NobodyIsWaitedForAtTheEnd) {
  Apply(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
  Apply(StatusMessage(7, Ended(v1::TASK_STATE_COMPLETED, 0)));
  EXPECT_EQ(Line(), "");
}

// The target's clock may be minutes off; the job is 20 s old.
TEST_F(WaitingLineTest, AWrongClockShowsNoNonsense) {
  const std::string line =
      WaitingLine(job_, {kNow, /*longest=*/absl::Seconds(20)}, 200);
  EXPECT_THAT(line, HasSubstr("db3 (running 20 s)"));
}

TEST_F(WaitingLineTest, FoldsThoseThatAreAlike) {
  Apply(StatusMessage(5, Lost(absl::Seconds(11))));
  EXPECT_EQ(Line(),
            "waiting for web[05,07] (link lost 12 s ago), db3 (running 41 s)");
}

TEST_F(WaitingLineTest, NamesTheSlowestAndCountsTheRest) {
  for (uint32_t task = 1; task < 6; ++task) {
    Apply(StatusMessage(task, Running(absl::Seconds(10 + 3 * task))));
  }
  EXPECT_EQ(Line(),
            "waiting for web07 (link lost 12 s ago), db3 (running 41 s), web05 "
            "(running 25 s) and 4 others");
}

// How many are waited for is worth more than the names of some.
TEST_F(WaitingLineTest, NamesFewerWhereThereIsNoRoom) {
  EXPECT_EQ(Line(50), "waiting for web07 (link lost 12 s ago) and 1 other");
}

TEST_F(WaitingLineTest, ManyNamesAreCutAndCounted) {
  FollowedJob job;
  v1::WatchJobResponse message = JobMessage("a[1,3,5,7,9,11,13,15,17,19]", 10);
  ASSERT_TRUE(job.Apply(message, listener_).ok());
  const std::string line = WaitingLine(job, {kNow}, 55);
  EXPECT_EQ(line, "waiting for a[1,3,5,7,9… (10 targets, not its turn yet)");
  EXPECT_EQ(DisplayWidth(line), 55);
}

TEST_F(WaitingLineTest, SaysWhoIsToLetAJobGoOn) {
  v1::WatchJobResponse message = JobMessage("", 8);
  message.mutable_job()->set_state(v1::JOB_STATE_BLOCKED);
  Apply(message);
  Apply(StatusMessage(0, Status(v1::TASK_STATE_PENDING)));
  EXPECT_THAT(Line(), HasSubstr("db3 (until tutti job approve 17)"));
}

}  // namespace
}  // namespace tutti::cli
