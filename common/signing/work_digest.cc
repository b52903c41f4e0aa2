#include "common/signing/work_digest.h"

#include <openssl/sha.h>

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
  const std::string work = spec.SerializeAsString();
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(work.data()), work.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

}  // namespace tutti
