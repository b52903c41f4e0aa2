#include "controller/cli/follow/tail_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "controller/cli/follow/line_view.h"
#include "tests/unit/cli_follow/job_messages.h"

namespace tutti::cli {
namespace {

// A tail in front of whole lines.
class TailedLines final : public PassingView {
 public:
  TailedLines(const FollowedJob& job, uint64_t lines, Sinks sinks)
      : PassingView(std::make_unique<TailView>(
            std::make_unique<LineView>(job, LineViewOptions{}, sinks), job,
            lines)) {}
};

using TailedJob = ViewedJob<TailedLines>;

TEST(TailViewTest, TheLastLinesOfEachTargetAndStream) {
  TailedJob job("web[1-2]", 2, uint64_t{2});
  job.Say(0, "1\n2\n");
  job.Say(1, "one\n");
  job.Say(0, "3\n", v1::OUTPUT_STREAM_STDERR);
  job.Say(0, "4\n");
  EXPECT_EQ(job.output, "");
  EXPECT_TRUE(job.view().Finish(0).ok());
  EXPECT_EQ(job.output, "web1: 2\nweb1: 4\nweb2: one\n");
  EXPECT_EQ(job.error, "web1: 3\n");
}

TEST(TailViewTest, HoweverTheOutputIsCut) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += std::to_string(i) + "\n";
  for (const bool is_ended : {true, false}) {
    for (size_t step = 1; step < text.size(); ++step) {
      TailedJob job("web1", 1, uint64_t{3});
      const std::string said = is_ended ? text : text + "end";
      for (size_t at = 0; at < said.size(); at += step) {
        job.Say(0, said.substr(at, step));
      }
      EXPECT_TRUE(job.view().Finish(0).ok());
      EXPECT_EQ(job.output, is_ended ? "web1: 27\nweb1: 28\nweb1: 29\n"
                                     : "web1: 28\nweb1: 29\nweb1: end\n")
          << step;
    }
  }
}

TEST(TailViewTest, EmptyLinesAreLines) {
  TailedJob job("web1", 1, uint64_t{2});
  job.Say(0, "a\n\n\n");
  EXPECT_TRUE(job.view().Finish(0).ok());
  EXPECT_EQ(job.output, "web1: \nweb1: \n");
}

TEST(TailViewTest, WhatComesAfterwardsGoesThrough) {
  TailedJob job("web1", 1, uint64_t{1});
  job.Say(0, "1\n2\n");
  job.view().OnCaughtUp();
  EXPECT_EQ(job.output, "web1: 2\n");
  job.Say(0, "3\n4\n");
  EXPECT_EQ(job.output, "web1: 2\nweb1: 3\nweb1: 4\n");
}

// If this fails, the last lines of a target come after its end.
TEST(TailViewTest, ATargetThatHasEndedHasAllItsLines) {
  TailedJob job("web[1-2]", 2, uint64_t{1});
  job.Say(0, "1\n2\n");
  job.Say(1, "1\n");
  job.Apply(StatusMessage(0, Ended(v1::TASK_STATE_COMPLETED, 0)));
  EXPECT_EQ(job.output, "web1: 2\n");
}

// A long job must not fill the memory of who wants its last line.
TEST(TailViewTest, WhatIsSuperfluousIsLetGo) {
  TailedJob job("web1", 1, uint64_t{1});
  const auto content = std::make_shared<const std::string>("line\n");
  OutputPiece piece;
  piece.stream = v1::OUTPUT_STREAM_STDOUT;
  piece.content = content;
  for (int i = 0; i < 100; ++i) job.view().OnOutput(0, piece);
  EXPECT_LE(content.use_count(), 5);
}

}  // namespace
}  // namespace tutti::cli
