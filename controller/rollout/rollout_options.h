// The rules of a rollout, as they were asked for.
#ifndef CONTROLLER_ROLLOUT_ROLLOUT_OPTIONS_H_
#define CONTROLLER_ROLLOUT_ROLLOUT_OPTIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::controller {

// Never more than `max` in flight at once of the tasks whose targets agree in a
// label or fact.
struct LabelLimit {
  std::string label;
  uint32_t max = 1;
};

// A value. What is 0 limits nothing.
struct RolloutOptions {
  // Tasks in flight at once.
  uint32_t fanout = 0;
  // So many start; the next so many `batch_wait` after all of these have ended.
  uint32_t batch = 0;
  absl::Duration batch_wait = absl::ZeroDuration();
  // From one start to the next, at least.
  absl::Duration start_interval = absl::ZeroDuration();
  // When its turn has come, a task waits for a random part of this.
  absl::Duration splay = absl::ZeroDuration();
  // The same seed draws the same parts.
  uint64_t splay_seed = 0;
  // After so many failures nothing starts any more.
  uint32_t stop_after = 0;
  // Never more failures than this.
  uint32_t max_failures = 0;
  // Whether targets that were offline at the start, and did not come, failed.
  bool count_offline = false;
  // So many start first, and have to complete; the others follow `canary_wait`
  // later.
  uint32_t canary = 0;
  absl::Duration canary_wait = absl::ZeroDuration();
  // Whether a limit that is reached also stops what runs. For the caller.
  bool stop_running = false;
  // So many targets have to accept before anything starts.
  uint32_t quorum = 0;
  // Each label once.
  std::vector<LabelLimit> max_per_label = {};

  bool has_limit() const { return stop_after != 0 || max_failures != 0; }
};

// INVALID_ARGUMENT names the first field that is bad and what would do.
absl::Status CheckRollout(const v1::Rollout& rollout);

// `rollout` is taken to have been checked. The seed is 0.
RolloutOptions ToRolloutOptions(uint32_t fanout, const v1::Rollout& rollout);
// Everything but fan-out and seed.
v1::Rollout ToRolloutProto(const RolloutOptions& options);

}  // namespace tutti::controller

#endif  // CONTROLLER_ROLLOUT_ROLLOUT_OPTIONS_H_
