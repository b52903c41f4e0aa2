#include "controller/cli/run/rollout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "common/base/duration.h"
#include "tests/support/status_matchers.h"

namespace tutti::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::tutti::testing::IsOk;
using ::tutti::testing::StatusIs;

TEST(ShareTest, NumbersAndParts) {
  EXPECT_EQ(ParseShare("-f", "10").value().RoundedUp(100), 10u);
  EXPECT_EQ(ParseShare("-f", "25%").value().RoundedUp(100), 25u);
  EXPECT_EQ(ParseShare("-f", "25%").value().RoundedUp(10), 3u);
  EXPECT_EQ(ParseShare("-f", "25%").value().RoundedDown(10), 2u);
  EXPECT_EQ(ParseShare("-f", "100%").value().RoundedUp(1'000'000), 1'000'000u);
  // Never none at all.
  EXPECT_EQ(ParseShare("-f", "1%").value().RoundedUp(3), 1u);
  EXPECT_EQ(ParseShare("-f", "1%").value().RoundedDown(3), 1u);
  for (const char* bad : {"", "0", "-1", "0%", "101%", "1.5", "10 ", "%",
                          "4294967296", "9999999999%"}) {
    EXPECT_THAT(ParseShare("-f", bad), Not(IsOk())) << bad;
  }
}

TEST(ParseRolloutTest, ValuesThatAreNoneAndWhatContradicts) {
  struct Case {
    std::function<void(RolloutOptions&)> set;
    std::string option;
    std::string remedy;
  };
  const std::vector<Case> cases = {
      {[](auto& options) { options.canary = "0"; }, "--canary:", "from 1"},
      {[](auto& options) { options.canary_wait = absl::Seconds(1); },
       "--canary-wait", "add --canary"},
      {[](auto& options) { options.quorum = "0"; }, "--quorum:", "from 1"},
      {[](auto& options) { options.max_per_label = {"rack"}; },
       "--max-per-label:", "write rack=1"},
      {[](auto& options) { options.max_per_label = {"=1"}; },
       "--max-per-label:", "write rack=1"},
      {[](auto& options) { options.max_per_label = {"rack=0"}; },
       "--max-per-label:", "from 1"},
      {[](auto& options) {
         options.max_per_label = {"rack=1", "rack=2"};
       },
       "--max-per-label:", "rack is limited twice"},
      {[](auto& options) { options.batch = "0"; }, "--batch:", "10 or 25%"},
      {[](auto& options) { options.batch = "120%"; }, "--batch:", "100%"},
      {[](auto& options) { options.batch_wait = absl::Seconds(1); },
       "--batch-wait", "add --batch"},
      {[](auto& options) { options.stop_after = "0"; },
       "--stop-after:", "from 1"},
      {[](auto& options) { options.stop_after = "-1"; },
       "--stop-after:", "from 1"},
      {[](auto& options) { options.max_failures = "0"; },
       "--max-failures:", "1 goes one at a time"},
      {[](auto& options) { options.stop_running = true; }, "--stop-running",
       "--max-failures"},
      {[](auto& options) { options.count_offline = true; }, "--count-offline",
       "--stop-after"},
      {[](auto& options) {
         options.stop_after = "4";
         options.max_failures = "3";
       },
       "--stop-after 4", "--max-failures 3"},
  };
  for (const Case& bad : cases) {
    RolloutOptions options;
    bad.set(options);
    EXPECT_THAT(ParseRollout(options),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr(bad.option), HasSubstr(bad.remedy))));
  }
}

TEST(ParseRolloutTest, RatesThatAreNone) {
  for (const char* rate : {"50", "0/s", "/s", "s", "50/", "50/d", "-1/s",
                           "1.5/s", "1000001/s", "50/s "}) {
    RolloutOptions options;
    options.start_rate = rate;
    EXPECT_THAT(ParseRollout(options),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr("write 50/s, 30/m or 10/h")))
        << rate;
  }
}

TEST(RuleTextsTest, ShowARateAsItWasGivenOrInASmallerUnit) {
  const std::pair<const char*, const char*> rates[] = {
      {"50/s", "50/s"}, {"7/s", "7/s"},     {"333/s", "333/s"},
      {"7/m", "7/m"},   {"100/m", "100/m"}, {"120/m", "2/s"},
      {"7/h", "7/h"},   {"1/h", "1/h"},     {"60/h", "1/m"}};
  for (const auto& [given, shown] : rates) {
    RolloutOptions options;
    options.start_rate = given;
    EXPECT_THAT(RuleTexts(MakeRollout(ParseRollout(options).value(), 9)),
                ElementsAre(std::string("at most ") + shown));
  }
}

TEST(QuorumTest, IsNoMoreThanThereAreTargets) {
  RolloutOptions options;
  options.quorum = "9";
  const RolloutPlan plan = ParseRollout(options).value();
  EXPECT_THAT(CheckQuorum(plan, 9), IsOk());
  EXPECT_THAT(CheckQuorum(plan, 8),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("--quorum 9"), HasSubstr("8 targets"))));
}

TEST(AtOnceTest, IsTheSmallestBoundAndNamesIt) {
  RolloutOptions options;
  options.fanout = "50%";
  options.max_failures = "10%";
  const RolloutPlan plan = ParseRollout(options).value();
  EXPECT_EQ(AtOnceOf(plan, 35, 0).number, 3u);
  EXPECT_EQ(AtOnceOf(plan, 35, 0).because, "--max-failures 10%");
  EXPECT_EQ(AtOnceOf({}, 35, 0).number, 35u);
  EXPECT_EQ(AtOnceOf({}, 35, 4).number, 4u);
  EXPECT_EQ(AtOnceOf(plan, 2, 0).because, "");
}

TEST(MakeRolloutTest, EveryRuleIsSentAndSaid) {
  RolloutOptions options;
  options.canary = "1";
  options.canary_wait = absl::Minutes(10);
  options.batch = "30%";
  options.batch_wait = absl::Seconds(30);
  options.start_rate = "50/s";
  options.splay = absl::Minutes(1);
  options.stop_after = "2";
  options.max_failures = "39%";
  options.count_offline = true;
  options.stop_running = true;
  options.quorum = "85%";
  options.max_per_label = {"rack=1", "os.id=4"};
  const RolloutPlan plan = ParseRollout(options).value();
  const v1::Rollout rollout = MakeRollout(plan, 9);
  EXPECT_EQ(rollout.quorum(), 8u);
  ASSERT_EQ(rollout.max_per_label_size(), 2);
  EXPECT_EQ(rollout.max_per_label(1).label(), "os.id");
  EXPECT_EQ(rollout.max_per_label(1).max(), 4u);
  EXPECT_EQ(rollout.canary(), 1u);
  EXPECT_EQ(ToDuration(rollout.canary_wait()), absl::Minutes(10));
  EXPECT_EQ(rollout.batch(), 3u);
  EXPECT_EQ(ToDuration(rollout.batch_wait()), absl::Seconds(30));
  EXPECT_EQ(ToDuration(rollout.start_interval()), absl::Milliseconds(20));
  EXPECT_EQ(ToDuration(rollout.splay()), absl::Minutes(1));
  EXPECT_EQ(rollout.stop_after(), 2u);
  EXPECT_EQ(rollout.max_failures(), 3u);
  EXPECT_TRUE(rollout.count_offline());
  EXPECT_TRUE(rollout.stop_running());
  EXPECT_THAT(
      RuleTexts(rollout),
      ElementsAre("not before a quorum of 8", "at most 1 of each rack",
                  "at most 4 of each os.id",
                  "a canary of 1 first, the others 10m later",
                  "batches of 3, 30s apart", "at most 50/s",
                  "each put off by up to 1m", "no new starts after 2 failures",
                  "ends at 3 failures, never more",
                  "offline targets are failures", "what runs then is stopped"));
}

}  // namespace
}  // namespace tutti::cli
