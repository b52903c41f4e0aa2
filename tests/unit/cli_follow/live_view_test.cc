#include "controller/cli/follow/live_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/cli_follow/job_messages.h"

namespace tutti::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Fills whatever it is given.
class TallView final : public OutputView {
 public:
  void OnOutput(size_t, const OutputPiece&) override {}
  void OnAttempt(size_t) override {}
  void OnStatus(size_t) override {}
  absl::Status Finish(int) override { return absl::OkStatus(); }
  std::vector<LiveLine> Preview(size_t rows) const override {
    return std::vector<LiveLine>(rows, LiveLine{{"preview"}});
  }
};

class LiveViewTest : public ::testing::Test {
 protected:
  LiveViewTest() {
    setenv("TERM", "xterm", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    v1::WatchJobResponse message = JobMessage("web[1-3]", 3);
    EXPECT_TRUE(job_.Apply(message, listener_).ok());
  }
  // What is drawn so long after the beginning.
  std::string Draw(LiveView& view, absl::Duration following,
                   std::string_view question = "") {
    view.Draw(job_, &tall_, question, {absl::UnixEpoch(), following});
    return std::exchange(sink_, {});
  }

  // Nothing tells its size: 80 columns, 24 rows.
  const Terminal terminal_{{-1, -1, -1}};
  FollowedJob job_;
  ViewListener listener_;
  TallView tall_;
  std::string sink_;
};

// If this fails, the screen scrolls with each drawing.
TEST_F(LiveViewTest, FillsLessThanTheWindow) {
  LiveView view(terminal_, {}, sink_);
  const std::string drawn = Draw(view, absl::Seconds(20), "stop?");
  EXPECT_LT(std::count(drawn.begin(), drawn.end(), '\n'), 23);
  EXPECT_THAT(drawn, AllOf(HasSubstr("preview"), HasSubstr("0/3 completed"),
                           HasSubstr("waiting for web[1-3]")));
  EXPECT_GT(drawn.find("stop?"), drawn.find("waiting for"));
}

TEST_F(LiveViewTest, SaysWhoIsSlowOnceThatTakesTime) {
  LiveView view(terminal_, {}, sink_);
  EXPECT_THAT(Draw(view, absl::Seconds(9)), Not(HasSubstr("waiting for")));
  EXPECT_THAT(Draw(view, absl::Seconds(10)), HasSubstr("waiting for"));
}

// A job that does not go on by itself is explained without delay.
TEST_F(LiveViewTest, SaysAtOnceWhatAJobIsHeldUpBy) {
  v1::WatchJobResponse message = JobMessage("", 3);
  message.mutable_job()->set_held(true);
  ASSERT_TRUE(job_.Apply(message, listener_).ok());
  LiveView view(terminal_, {}, sink_);
  EXPECT_THAT(Draw(view, absl::Seconds(1)),
              AllOf(HasSubstr("held"), HasSubstr("web[1-3] (held back)")));
}

TEST_F(LiveViewTest, WithoutProgressThereIsOnlyTheQuestion) {
  LiveView view(terminal_, {.progress = false}, sink_);
  EXPECT_EQ(Draw(view, absl::Seconds(20), "stop?"), "stop?\x1b[K");
}

// Nothing in it is obeyed there but a carriage return.
TEST_F(LiveViewTest, ADumbTerminalHasOneLine) {
  setenv("TERM", "dumb", 1);
  LiveView view(terminal_, {}, sink_);
  const std::string drawn = Draw(view, absl::Seconds(20));
  EXPECT_THAT(drawn, AllOf(HasSubstr("0/3 completed"), HasSubstr("[....."),
                           Not(HasSubstr("\n")), Not(HasSubstr("\x1b"))));
}

}  // namespace
}  // namespace tutti::cli
