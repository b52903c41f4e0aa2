#include "controller/cli/follow/followed_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"
#include "tests/unit/cli_follow/job_messages.h"

namespace tutti::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

// Writes down what it is told.
class Recorder final : public JobListener {
 public:
  explicit Recorder(const FollowedJob& job) : job_(job) {}
  absl::Status OnJob() override {
    events.push_back("job");
    return absl::OkStatus();
  }
  void OnOutput(size_t task, const OutputPiece& piece) override {
    events.push_back(job_.tasks()[task].name + ": " +
                     (piece.content != nullptr
                          ? *piece.content
                          : "missing " + std::to_string(piece.missing_bytes)));
  }
  void OnAttempt(size_t task) override {
    events.push_back(job_.tasks()[task].name + " again");
  }
  void OnStatus(size_t task) override {
    events.push_back(
        job_.tasks()[task].name + " " +
        v1::TaskState_Name(job_.tasks()[task].status.attempt().state()));
  }
  std::vector<std::string> Take() { return std::exchange(events, {}); }

  std::vector<std::string> events;

 private:
  const FollowedJob& job_;
};

class FollowedJobTest : public ::testing::Test {
 protected:
  absl::Status Apply(v1::WatchJobResponse message) {
    return job_.Apply(message, recorder_);
  }

  FollowedJob job_;
  Recorder recorder_{job_};
};

TEST_F(FollowedJobTest, TasksAreInOrderOfTheirNames) {
  TUTTI_ASSERT_OK(Apply(JobMessage("db,web[1-2]", 3)));
  ASSERT_EQ(job_.tasks().size(), 3u);
  EXPECT_EQ(job_.tasks()[0].name, "db");
  EXPECT_EQ(job_.tasks()[2].name, "web2");
  TUTTI_ASSERT_OK(Apply(OutputMessage(2, 8, "hi\n")));
  EXPECT_THAT(recorder_.events, ElementsAre("job", "web2: hi\n"));
}

// After a break nothing is shown twice and nothing is left out.
TEST_F(FollowedJobTest, ResumesWhereItWas) {
  TUTTI_ASSERT_OK(Apply(JobMessage("web[1-2]", 2)));
  TUTTI_ASSERT_OK(Apply(OutputMessage(1, 8, "one\n")));
  const std::vector<v1::TaskCursor> cursors = job_.BeginStream();
  ASSERT_EQ(cursors.size(), 1u);
  EXPECT_EQ(cursors[0].task(), 1u);
  EXPECT_EQ(cursors[0].attempt(), 1u);
  EXPECT_EQ(cursors[0].position(), 12u);
  recorder_.events.clear();
  TUTTI_ASSERT_OK(Apply(OutputMessage(1, 8, "one\n")));
  TUTTI_ASSERT_OK(Apply(OutputMessage(1, 12, "two\n")));
  EXPECT_THAT(recorder_.events, ElementsAre("web2: two\n"));
}

TEST_F(FollowedJobTest, OutputThatCanNotBeCutIsAnError) {
  TUTTI_ASSERT_OK(Apply(JobMessage("web[1-2]", 2)));
  TUTTI_ASSERT_OK(Apply(OutputMessage(1, 8, "one\n")));
  EXPECT_THAT(Apply(OutputMessage(1, 8, "one\ntwo\n")),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("web2")));
}

TEST_F(FollowedJobTest, SameAsRefersToEarlierContent) {
  TUTTI_ASSERT_OK(Apply(JobMessage("web[1-2]", 2)));
  v1::WatchJobResponse first = OutputMessage(0, 8, "same\n");
  first.mutable_tasks(0)->mutable_output(0)->set_content_id(1);
  v1::WatchJobResponse second = OutputMessage(1, 8, "same\n");
  second.mutable_tasks(0)->mutable_output(0)->set_same_as(1);
  TUTTI_ASSERT_OK(Apply(first));
  TUTTI_ASSERT_OK(Apply(second));
  EXPECT_THAT(recorder_.events,
              ElementsAre("job", "web1: same\n", "web2: same\n"));
  // A new stream counts anew.
  job_.BeginStream();
  EXPECT_THAT(Apply(second),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("did not send")));
}

TEST_F(FollowedJobTest, GapsAreTold) {
  TUTTI_ASSERT_OK(Apply(JobMessage("web1", 1)));
  v1::WatchJobResponse gap = OutputMessage(0, 8, "");
  gap.mutable_tasks(0)->mutable_output(0)->set_missing_bytes(500);
  gap.mutable_tasks(0)->mutable_output(0)->set_next_position(600);
  TUTTI_ASSERT_OK(Apply(gap));
  EXPECT_THAT(recorder_.events, ElementsAre("job", "web1: missing 500"));
  EXPECT_EQ(job_.tasks()[0].position, 600u);
}

// A late report may correct UNKNOWN, so the counts go both ways.
TEST_F(FollowedJobTest, CountsWhoIsDone) {
  TUTTI_ASSERT_OK(Apply(JobMessage("web[1-2]", 2)));
  EXPECT_FALSE(job_.settled());
  TUTTI_ASSERT_OK(Apply(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0))));
  v1::TaskStatus lost = Status(v1::TASK_STATE_DISCONNECTED);
  lost.set_lost(true);
  TUTTI_ASSERT_OK(Apply(StatusMessage(1, lost)));
  EXPECT_TRUE(job_.settled());
  EXPECT_EQ(job_.lost_count(), 1u);
  TUTTI_ASSERT_OK(Apply(StatusMessage(1, Status(v1::TASK_STATE_RUNNING))));
  EXPECT_FALSE(job_.settled());
  TUTTI_ASSERT_OK(Apply(StatusMessage(1, Status(v1::TASK_STATE_UNKNOWN))));
  TUTTI_ASSERT_OK(Apply(StatusMessage(1, Ended(v1::TASK_STATE_FAILED, 1))));
  EXPECT_TRUE(job_.settled());
  EXPECT_EQ(job_.final_count(), 2u);
  EXPECT_EQ(job_.lost_count(), 0u);
}

TEST_F(FollowedJobTest, ANewAttemptBeginsAnew) {
  TUTTI_ASSERT_OK(Apply(JobMessage("web1", 1)));
  TUTTI_ASSERT_OK(Apply(OutputMessage(0, 8, "first\n")));
  v1::WatchJobResponse again = OutputMessage(0, 8, "second\n");
  again.mutable_tasks(0)->set_attempt(2);
  TUTTI_ASSERT_OK(Apply(again));
  EXPECT_THAT(recorder_.events, ElementsAre("job", "web1: first\n",
                                            "web1 again", "web1: second\n"));
}

TEST_F(FollowedJobTest, NonsenseIsAnError) {
  EXPECT_THAT(Apply(OutputMessage(0, 8, "x")), Not(IsOk()));
  TUTTI_ASSERT_OK(Apply(JobMessage("web1", 1)));
  EXPECT_THAT(Apply(OutputMessage(5, 8, "x")), Not(IsOk()));
}

TEST(FollowedJobSelectionTest, OthersAreLeftOutButStillReferredTo) {
  TUTTI_ASSERT_OK_AND_ASSIGN(TargetExpression only,
                             TargetExpression::Parse("web2"));
  FollowedJob job(only);
  Recorder recorder(job);
  v1::WatchJobResponse message = JobMessage("web[1-2]", 2);
  TUTTI_ASSERT_OK(job.Apply(message, recorder));
  recorder.events.clear();
  message = OutputMessage(0, 8, "same\n");
  message.mutable_tasks(0)->mutable_output(0)->set_content_id(1);
  TUTTI_ASSERT_OK(job.Apply(message, recorder));
  EXPECT_THAT(recorder.Take(), IsEmpty());
  message = OutputMessage(1, 8, "same\n");
  message.mutable_tasks(0)->mutable_output(0)->set_same_as(1);
  TUTTI_ASSERT_OK(job.Apply(message, recorder));
  EXPECT_THAT(recorder.Take(), ElementsAre("web2: same\n"));
  message = StatusMessage(1, Ended(v1::TASK_STATE_COMPLETED, 0));
  TUTTI_ASSERT_OK(job.Apply(message, recorder));
  EXPECT_TRUE(job.settled());
  EXPECT_EQ(job.SelectedStatuses().size(), 1u);
}

// If this fails, a reader with a cursor gets what it has read once more.
TEST(FollowedJobStartTest, WhatComesBeforeTheStartIsNotGivenOut) {
  v1::TaskCursor place;
  place.set_task(1);
  place.set_attempt(1);
  place.set_position(5);
  FollowedJob job({}, /*attempt=*/0, {place});
  Recorder recorder(job);
  ASSERT_EQ(job.BeginStream().size(), 1u);
  EXPECT_EQ(job.BeginStream()[0].position(), 5u);
  const auto apply = [&](v1::WatchJobResponse message) {
    return job.Apply(message, recorder);
  };
  TUTTI_ASSERT_OK(apply(JobMessage("web[1-2]", 2)));
  TUTTI_ASSERT_OK(apply(OutputMessage(1, 0, "old\n\n")));
  TUTTI_ASSERT_OK(apply(OutputMessage(1, 5, "new\n")));
  EXPECT_THAT(recorder.events, ElementsAre("job", "web2: new\n"));
  ASSERT_EQ(job.Places().size(), 1u);
  EXPECT_EQ(job.Places()[0].position(), 9u);
}

}  // namespace
}  // namespace tutti::cli
