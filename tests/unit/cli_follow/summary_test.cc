#include "controller/cli/follow/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/base/duration.h"
#include "tests/unit/cli_follow/job_messages.h"

namespace tutti::cli {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class SummaryTest : public ::testing::Test {
 protected:
  void Begin(const std::string& targets, uint32_t count) {
    Apply(JobMessage(targets, count));
  }
  void Set(uint32_t task, v1::TaskStatus status) {
    Apply(StatusMessage(task, std::move(status)));
  }
  void SetAll(v1::TaskStatus status) {
    for (size_t i = 0; i < job_.tasks().size(); ++i) {
      Set(static_cast<uint32_t>(i), status);
    }
  }
  std::string Text() { return SummaryText(job_, options_, kNow); }

  FollowedJob job_;
  SummaryOptions options_ = [] {
    SummaryOptions options;
    options.job_name = "last";
    return options;
  }();

 private:
  void Apply(v1::WatchJobResponse message) {
    ASSERT_TRUE(job_.Apply(message, listener_).ok());
  }
  ViewListener listener_;
};

TEST_F(SummaryTest, FoldsWhoFailed) {
  Begin("web[01-20]", 20);
  SetAll(Ended(v1::TASK_STATE_COMPLETED, 0));
  for (const uint32_t task : {3, 8, 16}) {
    Set(task, Ended(v1::TASK_STATE_FAILED, 1));
  }
  EXPECT_EQ(Text(),
            "3 failed (exit 1): web[04,09,17] · tutti job retry last · tutti "
            "job show last\n");
}

TEST_F(SummaryTest, SaysNothingWhenAllWentWell) {
  Begin("web[1-2]", 2);
  SetAll(Ended(v1::TASK_STATE_COMPLETED, 0));
  EXPECT_EQ(Text(), "");
  options_.always = true;
  options_.elapsed = absl::Milliseconds(2100);
  EXPECT_EQ(Text(), "2 targets completed in 2s · job 17\n");
}

// A target that did not answer must never be left out of the result.
TEST_F(SummaryTest, NamesEveryClassAndReason) {
  Begin("web[1-6]", 6);
  Set(0, Ended(v1::TASK_STATE_COMPLETED, 0));
  Set(1, Ended(v1::TASK_STATE_FAILED, 1));
  v1::TaskStatus killed = Status(v1::TASK_STATE_FAILED);
  killed.mutable_attempt()->mutable_outcome()->set_signal(11);
  Set(2, killed);
  v1::TaskStatus missing = Status(v1::TASK_STATE_NOT_STARTED);
  missing.mutable_attempt()->mutable_outcome()->set_start_errno(2);
  Set(3, missing);
  v1::TaskStatus refused = Status(v1::TASK_STATE_REFUSED);
  refused.mutable_attempt()->mutable_outcome()->set_reason("no user \x1b[1m");
  Set(4, refused);
  Set(5, Status(v1::TASK_STATE_UNKNOWN));
  EXPECT_EQ(Text(),
            "1 unknown: web6\n"
            "1 refused (no user ^[[1m): web5\n"
            "1 not started (no such file or directory): web4\n"
            "1 failed (exit 1): web2\n"
            "1 failed (signal 11 (SEGV)): web3 · tutti job retry last · tutti "
            "job show last\n");
}

TEST_F(SummaryTest, StoppedByTermNeedsNoReason) {
  Begin("web[1-2]", 2);
  v1::TaskStatus stopped = Status(v1::TASK_STATE_STOPPED);
  stopped.mutable_attempt()->mutable_outcome()->set_signal(15);
  Set(0, stopped);
  stopped.mutable_attempt()->mutable_outcome()->set_signal(9);
  Set(1, stopped);
  EXPECT_EQ(Text(),
            "1 stopped: web1\n"
            "1 stopped (signal 9 (KILL)): web2 · tutti job retry last · tutti "
            "job show last\n");
}

TEST_F(SummaryTest, WhatGoesOnHasOtherNextSteps) {
  Begin("web[1-3]", 3);
  v1::TaskStatus lost = Status(v1::TASK_STATE_DISCONNECTED);
  *lost.mutable_link_lost_at() = ToProto(kNow - absl::Seconds(12));
  Set(0, lost);
  v1::TaskStatus offline = Status(v1::TASK_STATE_PENDING);
  offline.set_offline(true);
  *offline.mutable_link_lost_at() = ToProto(kNow - absl::Hours(72));
  Set(1, offline);
  Set(2, Status(v1::TASK_STATE_RUNNING));
  EXPECT_EQ(Text(),
            "1 disconnected (link lost 12 s ago): web1\n"
            "1 running: web3\n"
            "1 pending (offline, last seen 3 d ago): web2"
            " · tutti job receive last --follow · tutti job stop last\n");
}

TEST_F(SummaryTest, ManyReasonsBecomeOneGroup) {
  Begin("web[01-20]", 20);
  for (uint32_t task = 0; task < 20; ++task) {
    Set(task, Ended(v1::TASK_STATE_FAILED, static_cast<int>(task) + 1));
  }
  EXPECT_EQ(Text(),
            "20 failed (for various reasons): web[01-20] · tutti job retry "
            "last · tutti job show last\n");
}

}  // namespace
}  // namespace tutti::cli
