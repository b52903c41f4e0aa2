#include "controller/cli/follow/completion_rate.h"

#include <gtest/gtest.h>

namespace tutti::cli {
namespace {

TEST(CompletionRateTest, OverTheLastSeconds) {
  CompletionRate rate;
  // 100 a second, then 10 a second.
  uint64_t ended = 0;
  for (int second = 0; second <= 30; ++second) {
    rate.Note(absl::Seconds(second), ended);
    ended += second < 15 ? 100 : 10;
  }
  EXPECT_DOUBLE_EQ(rate.per_second(), 10);
}

TEST(CompletionRateTest, LooksBackFurtherWhereTasksAreSlow) {
  CompletionRate rate;
  for (int second = 0; second <= 50; ++second) {
    rate.Note(absl::Seconds(second), static_cast<uint64_t>(second / 5));
  }
  EXPECT_NEAR(rate.per_second(), 0.2, 0.03);
}

// Three tasks and their one end are no rate, but noise on the screen.
TEST(CompletionRateTest, AFewEndsSayNothing) {
  CompletionRate rate;
  rate.Note(absl::ZeroDuration(), 0);
  rate.Note(absl::Seconds(5), 2);
  EXPECT_EQ(rate.per_second(), 0);
  EXPECT_EQ(CompletionRate().per_second(), 0);
}

// Otherwise a retry makes the number of ends negative.
TEST(CompletionRateTest, BeginsAnewWhenTasksAreOpenAgain) {
  CompletionRate rate;
  rate.Note(absl::ZeroDuration(), 0);
  rate.Note(absl::Seconds(5), 100);
  rate.Note(absl::Seconds(6), 50);
  EXPECT_EQ(rate.per_second(), 0);
}

}  // namespace
}  // namespace tutti::cli
