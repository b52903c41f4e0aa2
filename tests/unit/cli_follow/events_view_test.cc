#include "controller/cli/follow/events_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "controller/cli/follow/line_view.h"
#include "tests/unit/cli_follow/job_messages.h"

namespace tutti::cli {
namespace {

class LinesWithEvents final : public PassingView {
 public:
  LinesWithEvents(const FollowedJob& job, Sinks sinks)
      : PassingView(std::make_unique<EventsView>(
            std::make_unique<LineView>(job, LineViewOptions{}, sinks), job,
            sinks, /*color=*/false)) {}
};

TEST(EventsViewTest, EachStateOnce) {
  ViewedJob<LinesWithEvents> job("web1", 1);
  job.Apply(StatusMessage(0, Status(v1::TASK_STATE_RUNNING)));
  job.Apply(StatusMessage(0, Status(v1::TASK_STATE_RUNNING)));
  job.Say(0, "unfinished", v1::OUTPUT_STREAM_STDERR);
  job.Apply(StatusMessage(0, Ended(v1::TASK_STATE_FAILED, 3)));
  EXPECT_EQ(job.error,
            "web1: tutti: RUNNING\n"
            "web1: unfinished\n"
            "web1: tutti: FAILED (exit 3)\n");
  EXPECT_EQ(job.output, "");
}

TEST(EventsViewTest, ALaterAttemptSaysWhich) {
  ViewedJob<LinesWithEvents> job("web1", 1);
  job.Apply(StatusMessage(0, Ended(v1::TASK_STATE_FAILED, 3)));
  v1::WatchJobResponse again = StatusMessage(0, Status(v1::TASK_STATE_RUNNING));
  again.mutable_tasks(0)->set_attempt(2);
  job.Apply(again);
  EXPECT_EQ(job.error,
            "web1: tutti: FAILED (exit 3)\n"
            "web1: tutti: RUNNING (attempt 2)\n");
}

}  // namespace
}  // namespace tutti::cli
