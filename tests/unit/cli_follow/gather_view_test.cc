#include "controller/cli/follow/gather_view.h"

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

TEST(GatherViewTest, EqualOutputOnceUnderFoldedNames) {
  ViewedJob<GatherView> job("web[1-3]", 3, GatherViewOptions{});
  job.Say(0, "same\n");
  job.Say(1, "odd\n");
  job.Say(2, "same\n");
  EXPECT_EQ(job.output, "");
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_EQ(job.output,
            "----------------\nweb[1,3]\n----------------\nsame\n"
            "----------------\nweb2\n----------------\nodd\n");
}

TEST(GatherViewTest, StandardErrorIsGatheredOnItsOwn) {
  ViewedJob<GatherView> job("web[1-2]", 2, GatherViewOptions{});
  job.Say(0, "out\n");
  job.Say(0, "err\n", v1::OUTPUT_STREAM_STDERR);
  job.Say(1, "err\n", v1::OUTPUT_STREAM_STDERR);
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_EQ(job.output, "----------------\nweb1\n----------------\nout\n");
  EXPECT_EQ(job.error,
            "----------------\nweb[1-2] (stderr)\n----------------\nerr\n");
}

// Bounded memory: nothing is lost, it is only not gathered.
TEST(GatherViewTest, TooMuchOutputGoesLineByLine) {
  GatherViewOptions options;
  options.task_limit = 10;
  ViewedJob<GatherView> job("web[1-2]", 2, options);
  job.Say(0, "12345\n");
  job.Say(1, "small\n");
  EXPECT_EQ(job.output, "");
  job.Say(0, "67890\n");
  EXPECT_EQ(job.output, "web1: 12345\nweb1: 67890\n");
  job.Say(0, "more\n");
  EXPECT_THAT(job.output, HasSubstr("web1: more\n"));
  TUTTI_EXPECT_OK(job.view().Finish(0));
  EXPECT_THAT(job.output, HasSubstr("\nweb2\n----------------\nsmall\n"));
}

std::vector<std::string> Preview(const GatherView& view, size_t rows) {
  std::vector<std::string> lines;
  for (const LiveLine& line : view.Preview(rows)) {
    lines.push_back(PlainText(line));
  }
  return lines;
}

TEST(GatherViewTest, PreviewShowsWhatMostSayAndThenTheOutliers) {
  ViewedJob<GatherView> job("web[1-6]", 6, GatherViewOptions{});
  job.Say(0, "odd\n");
  for (const uint32_t task : {1, 2, 3}) job.Say(task, "same\nend\n");
  for (const uint32_t task : {4, 5}) job.Say(task, "rare\n");
  EXPECT_THAT(Preview(job.view(), 20),
              ElementsAre("── 3 targets: web[2-4]", "   same", "   end",
                          "── 1 target: web1", "   odd",
                          "── 2 targets: web[5-6]", "   rare"));
  EXPECT_THAT(
      Preview(job.view(), 5),
      ElementsAre("── 3 targets: web[2-4]", "   end", "── 1 target: web1",
                  "   odd", "   and 1 group with other output"));
  for (size_t rows = 0; rows < 10; ++rows) {
    EXPECT_LE(Preview(job.view(), rows).size(), rows);
  }
}

// They are the ones that are only slower: nothing to look at.
TEST(GatherViewTest, WhatIsOnItsWayToTheMostIsNoOutlier) {
  ViewedJob<GatherView> job("web[1-4]", 4, GatherViewOptions{});
  for (const uint32_t task : {0, 1}) job.Say(task, "one\ntwo\n");
  job.Say(2, "one\n");
  job.Say(3, "other\n");
  EXPECT_THAT(Preview(job.view(), 20),
              ElementsAre("── 2 targets: web[1-2]", "   one", "   two",
                          "── 1 target: web4", "   other", "── 1 target: web3",
                          "   one"));
}

TEST(GatherViewTest, PreviewHasStandardErrorToo) {
  ViewedJob<GatherView> job("web[1-2]", 2, GatherViewOptions{});
  job.Say(1, "no\n", v1::OUTPUT_STREAM_STDERR);
  EXPECT_THAT(Preview(job.view(), 10),
              ElementsAre("── 1 target (stderr): web2", "   no"));
}

TEST(GatherViewTest, ControlSequencesInThePreviewAreHarmless) {
  ViewedJob<GatherView> job("web1", 1, GatherViewOptions{});
  job.Say(0, "\x1b[2J\n");
  EXPECT_THAT(Preview(job.view(), 10),
              ElementsAre("── 1 target: web1", "   ^[[2J"));
}

}  // namespace
}  // namespace tutti::cli
