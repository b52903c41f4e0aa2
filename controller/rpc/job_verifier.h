// What is checked about a job before the core sees it.
#ifndef CONTROLLER_RPC_JOB_VERIFIER_H_
#define CONTROLLER_RPC_JOB_VERIFIER_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/identity/trust_store.h"
#include "controller/core/core.h"

namespace tutti::controller {

// Spares the fleet what its runners would refuse, and the journal what nobody
// may have asked for. Thread-safe.
class JobVerifier {
 public:
  JobVerifier(std::string fleet, TrustStore operators);

  // After a reload.
  void SetOperators(TrustStore operators);

  // Opens the envelope and makes the tree over the targets. PERMISSION_DENIED
  // when it is not signed by `caller`; INVALID_ARGUMENT when envelope and
  // targets do not agree. Takes some ms for 10,000 targets.
  absl::StatusOr<PreparedJob> Verify(v1::StartJobRequest request,
                                     std::string_view caller,
                                     absl::Time now) const;

 private:
  absl::StatusOr<OpenedEnvelope> Open(std::string_view envelope,
                                      std::string_view caller,
                                      absl::Time now) const;

  const std::string fleet_;
  mutable Mutex mutex_;
  // Shared with a Verify that goes on during a reload.
  std::shared_ptr<const TrustStore> operators_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tutti::controller

#endif  // CONTROLLER_RPC_JOB_VERIFIER_H_
