#include "controller/rollout/offline_rules.h"

#include "common/base/duration.h"

namespace tutti::controller {

absl::Time GiveUpAt(const OfflineRules& rules, absl::Time last_seen,
                    absl::Time now) {
  if (rules.policy == v1::OFFLINE_POLICY_WAIT) return rules.wait_until;
  const bool seen_recently = now - last_seen <= rules.recently_seen;
  const bool just_started = now - rules.controller_started_at < rules.grace;
  return seen_recently || just_started ? now + rules.grace : now;
}

std::string OfflineReason(absl::Time last_seen, absl::Time now) {
  return "offline, " + LastSeen(last_seen, now);
}

}  // namespace tutti::controller
