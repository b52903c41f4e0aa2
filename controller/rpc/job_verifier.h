// What is checked about a job before the core sees it.
#ifndef CONTROLLER_RPC_JOB_VERIFIER_H_
#define CONTROLLER_RPC_JOB_VERIFIER_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/identity/identity.h"
#include "common/identity/trust_store.h"
#include "controller/core/core.h"

namespace tutti::controller {

// Who brings a job, as its certificate says.
struct JobCaller {
  // An operator or a delegate.
  Identity identity;
  // Certificate::key_fingerprint.
  std::string key_fingerprint;
};

// Spares the fleet what its runners would refuse, and the journal what nobody
// may have asked for. Thread-safe.
class JobVerifier {
 public:
  JobVerifier(std::string fleet, TrustStore operators);

  // After a reload.
  void SetOperators(TrustStore operators);

  // Opens the envelope and makes the tree over the targets. PERMISSION_DENIED
  // when it is not signed by `caller`, or goes beyond its delegation, which a
  // delegate has and an operator has not; INVALID_ARGUMENT when envelope and
  // targets do not agree. Takes some ms for 10,000 targets.
  absl::StatusOr<PreparedJob> Verify(v1::StartJobRequest request,
                                     const JobCaller& caller,
                                     absl::Time now) const;

 private:
  absl::StatusOr<OpenedEnvelope> Open(std::string_view envelope,
                                      const JobCaller& caller,
                                      absl::Time now) const;

  const std::string fleet_;
  mutable Mutex mutex_;
  // Shared with a Verify that goes on during a reload.
  std::shared_ptr<const TrustStore> operators_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tutti::controller

#endif  // CONTROLLER_RPC_JOB_VERIFIER_H_
