#include "controller/rollout/offline_rules.h"

#include <gmock/gmock.h>

namespace tutti::controller {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'767'225'600);

OfflineRules Rules() {
  return {.policy = v1::OFFLINE_POLICY_FAIL,
          .wait_until = absl::InfiniteFuture(),
          .grace = absl::Seconds(30),
          .recently_seen = absl::Minutes(2),
          .controller_started_at = kNow - absl::Hours(1)};
}

TEST(OfflineRulesTest, GivesUpAtOnceOnWhoHasLongBeenAway) {
  EXPECT_LE(GiveUpAt(Rules(), kNow - absl::Hours(72), kNow), kNow);
  EXPECT_LE(GiveUpAt(Rules(), absl::InfinitePast(), kNow), kNow);
}

TEST(OfflineRulesTest, WhoWasSeenAMomentAgoGetsTheGraceTime) {
  EXPECT_EQ(GiveUpAt(Rules(), kNow - absl::Minutes(2), kNow),
            kNow + absl::Seconds(30));
  EXPECT_LE(GiveUpAt(Rules(), kNow - absl::Seconds(121), kNow), kNow);
}

TEST(OfflineRulesTest, EverybodyGetsItFromAControllerThatHasJustStarted) {
  OfflineRules rules = Rules();
  rules.controller_started_at = kNow - absl::Seconds(29);
  EXPECT_EQ(GiveUpAt(rules, kNow - absl::Hours(72), kNow),
            kNow + absl::Seconds(30));
  rules.controller_started_at = kNow - absl::Seconds(30);
  EXPECT_LE(GiveUpAt(rules, kNow - absl::Hours(72), kNow), kNow);
}

TEST(OfflineRulesTest, WaitIsBoundedByItsOwnTimeAlone) {
  OfflineRules rules = Rules();
  rules.policy = v1::OFFLINE_POLICY_WAIT;
  rules.wait_until = kNow + absl::Hours(2);
  EXPECT_EQ(GiveUpAt(rules, absl::InfinitePast(), kNow), kNow + absl::Hours(2));
}

TEST(OfflineRulesTest, ReasonSaysSinceWhen) {
  EXPECT_EQ(OfflineReason(kNow - absl::Hours(72), kNow),
            "offline, last seen 3 d ago");
  EXPECT_EQ(OfflineReason(absl::InfinitePast(), kNow), "offline, never seen");
}

}  // namespace
}  // namespace tutti::controller
