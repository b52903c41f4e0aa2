#include "controller/cli/follow/line_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"
#include "tests/unit/cli_follow/job_messages.h"

namespace tutti::cli {
namespace {

TEST(LineViewTest, LinesOfTargetsDoNotMix) {
  ViewedJob<LineView> job("web[1-2]", 2, LineViewOptions{});
  job.Say(0, "one ");
  job.Say(1, "two\n");
  job.Say(0, "line\n");
  EXPECT_EQ(job.output, "web2: two\nweb1: one line\n");
}

TEST(LineViewTest, StreamsStayApart) {
  ViewedJob<LineView> job("web1", 1, LineViewOptions{});
  job.Say(0, "out\n");
  job.Say(0, "err\n", v1::OUTPUT_STREAM_STDERR);
  EXPECT_EQ(job.output, "web1: out\n");
  EXPECT_EQ(job.error, "web1: err\n");
}

TEST(LineViewTest, TheEndOfATaskCompletesItsLastLine) {
  ViewedJob<LineView> job("web[1-2]", 2, LineViewOptions{});
  job.Say(0, "no newline");
  job.Apply(StatusMessage(0, Status(v1::TASK_STATE_RUNNING)));
  EXPECT_EQ(job.output, "");
  job.Apply(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
  EXPECT_EQ(job.output, "web1: no newline\n");
}

// A copied file must be the file.
TEST(LineViewTest, UnchangedMeansEveryByte) {
  LineViewOptions options;
  options.prefix = false;
  options.unchanged = true;
  ViewedJob<LineView> job("web1", 1, options);
  const std::string bytes("\0\xff\r\n no newline", 15);
  job.Say(0, bytes);
  job.Apply(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_EQ(job.output, bytes);
}

TEST(LineViewTest, RemarksGoToStandardError) {
  ViewedJob<LineView> job("web1", 1, LineViewOptions{});
  job.Say(0, "2 processes were left", v1::OUTPUT_STREAM_EVENT);
  EXPECT_EQ(job.output, "");
  EXPECT_EQ(job.error, "web1: tutti: 2 processes were left\n");
}

TEST(LineViewTest, GapsAreShownWhereTheyAre) {
  ViewedJob<LineView> job("web1", 1, LineViewOptions{});
  job.Say(0, "before");
  v1::WatchJobResponse gap = OutputMessage(0, 100, "");
  gap.mutable_tasks(0)->mutable_output(0)->set_next_position(200);
  gap.mutable_tasks(0)->mutable_output(0)->set_missing_bytes(2048);
  job.Apply(gap);
  job.Say(0, "after\n");
  EXPECT_EQ(job.output, "web1: before\nweb1: after\n");
  EXPECT_THAT(job.error, ::testing::HasSubstr("2.0 KiB of output are missing"));
}

TEST(LineViewTest, ColoursThePrefixOnly) {
  LineViewOptions options;
  options.color_output = true;
  ViewedJob<LineView> job("web1", 1, options);
  job.Say(0, "hi\n");
  EXPECT_EQ(job.output, "\x1b[36mweb1:\x1b[0m hi\n");
}

}  // namespace
}  // namespace tutti::cli
