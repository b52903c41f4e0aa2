#include "controller/cli/follow/chosen_output_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "controller/cli/follow/line_view.h"
#include "tests/unit/cli_follow/job_messages.h"

namespace tutti::cli {
namespace {

class ChosenLines final : public PassingView {
 public:
  ChosenLines(const FollowedJob& job, const OutputChoice& choice, Sinks sinks)
      : PassingView(std::make_unique<ChosenOutputView>(
            std::make_unique<LineView>(job, LineViewOptions{}, sinks),
            choice)) {}
};

OutputPiece Piece(const std::string& text, int64_t second) {
  OutputPiece piece;
  piece.stream = v1::OUTPUT_STREAM_STDOUT;
  piece.time = absl::FromUnixSeconds(second);
  piece.content = std::make_shared<const std::string>(text);
  return piece;
}

TEST(ChosenOutputViewTest, OneStreamAndRemarks) {
  ViewedJob<ChosenLines> job("web1", 1,
                             OutputChoice{.stream = v1::OUTPUT_STREAM_STDERR});
  job.Say(0, "out\n");
  job.Say(0, "err\n", v1::OUTPUT_STREAM_STDERR);
  job.Say(0, "remark", v1::OUTPUT_STREAM_EVENT);
  EXPECT_EQ(job.output, "");
  EXPECT_EQ(job.error, "web1: err\nweb1: tutti: remark\n");
}

TEST(ChosenOutputViewTest, SinceAMoment) {
  OutputChoice choice;
  choice.since = absl::FromUnixSeconds(100);
  ViewedJob<ChosenLines> job("web1", 1, choice);
  job.view().OnOutput(0, Piece("before\n", 99));
  job.view().OnOutput(0, Piece("then\n", 100));
  job.view().OnOutput(0, Piece("later\n", 101));
  EXPECT_EQ(job.output, "web1: then\nweb1: later\n");
}

}  // namespace
}  // namespace tutti::cli
