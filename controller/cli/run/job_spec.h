// The signed part of a job, and the request that starts it.
#ifndef CONTROLLER_CLI_RUN_JOB_SPEC_H_
#define CONTROLLER_CLI_RUN_JOB_SPEC_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/signing/envelope.h"
#include "controller/cli/run/options.h"
#include "controller/cli/run/targets.h"
#include "tutti/v1/envelope.pb.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// Of a longer expression (-T) the job keeps the frozen list instead, which says
// no less.
inline constexpr size_t kLongestExpression = 4096;

// What is known once the targets are.
struct ResolvedRun {
  std::string fleet;
  Uuid uuid;
  WantedTargets wanted;
  // Sorted bytewise, unique.
  std::vector<std::string> names;
  v1::ResolveTargetsResponse answer;
  // Of those that have some.
  ParameterList parameters;
  AtOnce at_once;
  // Of --delegate, folded; empty: there is none.
  std::string delegated_targets;
  size_t delegated_count = 0;
  // When the delegation ends through which it is signed; infinite: by none.
  absl::Time signer_ends_at = absl::InfiniteFuture();
  // Input and terminal of the spec.
  v1::JobSpec input;
};

// How long the signature is good for: until the last target can have been
// started. 1 h when all start at once, 24 h when they take turns, and on top
// the pauses between starts and how long offline targets are waited for
// (--expire, otherwise 24 h).
absl::Duration SpecLife(const RunOptions& options, const RunPlan& plan,
                        const ResolvedRun& run);

// INVALID_ARGUMENT when it would not be accepted by the targets.
absl::StatusOr<v1::JobSpec> MakeSpec(const RunOptions& options,
                                     const RunPlan& plan,
                                     const ResolvedRun& run, absl::Time now);

// Signs it.
absl::StatusOr<v1::StartJobRequest> MakeStartRequest(const RunOptions& options,
                                                     const RunPlan& plan,
                                                     const ResolvedRun& run,
                                                     const JobSigner& signer,
                                                     absl::Time now);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_JOB_SPEC_H_
