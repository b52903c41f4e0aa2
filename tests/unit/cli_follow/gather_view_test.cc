#include "controller/cli/follow/gather_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

TEST(GatherViewTest, PreviewShowsTheLargestGroupsFirst) {
  ViewedJob<GatherView> job("web[1-3]", 3, GatherViewOptions{});
  job.Say(0, "odd\n");
  job.Say(1, "same\n");
  job.Say(2, "same\n");
  EXPECT_THAT(job.view().Preview(10), ElementsAre("── web[2-3] (2)", "   same",
                                                  "── web1 (1)", "   odd"));
  EXPECT_THAT(job.view().Preview(3),
              ElementsAre("── web[2-3] (2)", "   same",
                          "   and 1 group with other output"));
  EXPECT_LE(job.view().Preview(1).size(), 1u);
}

TEST(GatherViewTest, ControlSequencesInThePreviewAreHarmless) {
  ViewedJob<GatherView> job("web1", 1, GatherViewOptions{});
  job.Say(0, "\x1b[2J\n");
  EXPECT_THAT(job.view().Preview(10), ElementsAre("── web1 (1)", "   ^[[2J"));
}

}  // namespace
}  // namespace tutti::cli
