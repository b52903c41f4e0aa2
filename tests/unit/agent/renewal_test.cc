#include "agent/renewal/renewal.h"

#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "common/base/clock.h"

namespace tutti::agent {
namespace {

// If this fails, agents drop out of the fleet when their certificates end.
TEST(RenewalTest, RenewsWhenDueAndAgainAfterAFailure) {
  Executor executor;
  SystemClock clock;
  int attempts = 0;
  Renewal renewal(clock, executor, [&]() -> Renewal::Work {
    // Without a connection at first.
    if (++attempts == 1) return nullptr;
    if (attempts == 2) {
      return []() -> absl::StatusOr<absl::Time> {
        return absl::UnavailableError("the controller is away");
      };
    }
    if (attempts == 4) executor.Stop();
    return [] { return absl::Now() + absl::Milliseconds(50); };
  });
  const absl::Time due = absl::Now() + absl::Milliseconds(100);
  renewal.Start(due);
  executor.Run();
  EXPECT_GE(absl::Now(), due);
  EXPECT_EQ(attempts, 4);
}

}  // namespace
}  // namespace tutti::agent
