#include "agent/session/backoff.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tutti::agent {
namespace {

// If waits did not spread and grow, a fleet would come back all at once and
// keep a weak controller down.
TEST(BackoffTest, WaitsSpreadBelowACeilingThatDoubles) {
  absl::Duration longest[8];
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    Backoff backoff(absl::Milliseconds(200), absl::Seconds(10), seed);
    for (absl::Duration& most : longest) {
      const absl::Duration wait = backoff.Next();
      EXPECT_GE(wait, absl::ZeroDuration());
      most = std::max(most, wait);
    }
  }
  absl::Duration ceiling = absl::Milliseconds(200);
  for (const absl::Duration most : longest) {
    EXPECT_LE(most, ceiling);
    EXPECT_GT(most, ceiling * 0.9);
    ceiling = std::min(ceiling * 2, absl::Seconds(10));
  }
}

TEST(BackoffTest, ResetBeginsAnew) {
  Backoff backoff(absl::Milliseconds(200), absl::Seconds(10), 1);
  for (int i = 0; i < 10; ++i) backoff.Next();
  backoff.Reset();
  EXPECT_LE(backoff.Next(), absl::Milliseconds(200));
}

}  // namespace
}  // namespace tutti::agent
