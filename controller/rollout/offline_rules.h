// How long to wait for a target that is offline.
#ifndef CONTROLLER_ROLLOUT_OFFLINE_RULES_H_
#define CONTROLLER_ROLLOUT_OFFLINE_RULES_H_

#include <string>

#include "absl/time/time.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::controller {

struct OfflineRules {
  v1::OfflinePolicy policy = v1::OFFLINE_POLICY_FAIL;
  // With OFFLINE_POLICY_WAIT: until then.
  absl::Time wait_until = absl::InfiniteFuture();
  absl::Duration grace;
  absl::Duration recently_seen;
  // Agents need time to come back to a controller that has just started.
  absl::Time controller_started_at;
};

// When to give up on a target that is offline at `now` and was last seen at
// `last_seen` (absl::InfinitePast: never). Not later than `now`: at once.
absl::Time GiveUpAt(const OfflineRules& rules, absl::Time last_seen,
                    absl::Time now);

// "offline, last seen 3 d ago" or "offline, never seen".
std::string OfflineReason(absl::Time last_seen, absl::Time now);

}  // namespace tutti::controller

#endif  // CONTROLLER_ROLLOUT_OFFLINE_RULES_H_
