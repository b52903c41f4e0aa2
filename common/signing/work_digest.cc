#include "common/signing/work_digest.h"

#include "common/identity/sha256.h"

namespace tutti {

std::string WorkDigest(v1::JobSpec spec) {
  spec.clear_fleet();
  spec.clear_job_uuid();
  spec.clear_attempt();
  spec.clear_issued_at();
  spec.clear_expires_at();
  spec.clear_target_expression();
  spec.clear_target_count();
  spec.clear_targets_root();
  for (v1::SecretVariable& secret : *spec.mutable_secrets()) {
    secret.clear_digest();
  }
  return Sha256(spec.SerializeAsString());
}

}  // namespace tutti
