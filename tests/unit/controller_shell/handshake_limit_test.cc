#include "controller/listener/handshake_limit.h"

#include <gtest/gtest.h>

namespace tutti::controller {
namespace {

constexpr absl::Time kNow = absl::UnixEpoch();

TEST(HandshakeLimitTest, IsReachedUntilOneEnds) {
  HandshakeLimit limit(2, absl::Seconds(5));
  limit.Begin(kNow);
  EXPECT_FALSE(limit.IsReached(kNow));
  limit.Begin(kNow);
  EXPECT_TRUE(limit.IsReached(kNow));
  limit.End();
  EXPECT_FALSE(limit.IsReached(kNow));
}

// Otherwise strangers that say nothing would keep the fleet out.
TEST(HandshakeLimitTest, SilentOnesAreForgotten) {
  HandshakeLimit limit(1, absl::Seconds(5));
  limit.Begin(kNow);
  EXPECT_TRUE(limit.IsReached(kNow + absl::Seconds(5)));
  EXPECT_FALSE(limit.IsReached(kNow + absl::Seconds(6)));
}

// Later calls of a connection end nothing, and must not count below zero.
TEST(HandshakeLimitTest, AnEndTooManyIsHarmless) {
  HandshakeLimit limit(1, absl::Seconds(5));
  limit.End();
  limit.Begin(kNow);
  EXPECT_TRUE(limit.IsReached(kNow));
}

}  // namespace
}  // namespace tutti::controller
