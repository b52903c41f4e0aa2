// Signs the input of a job.
#ifndef COMMON_SIGNING_INPUT_SIGNER_H_
#define COMMON_SIGNING_INPUT_SIGNER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "common/identity/key.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti {

// Owns the key that commands the job's processes, made for this job alone and
// kept in memory only. Not thread-safe.
class InputSigner {
 public:
  // `job_uuid`: 16 bytes.
  static absl::StatusOr<InputSigner> Create(std::string job_uuid,
                                            uint32_t attempt);

  // What v1::StreamInput.public_key takes.
  std::string public_key() const { return key_.PublicKeyDer(); }

  // The next chunk, as a serialised v1::SignedInput. `chunk` has its content;
  // everything else is filled in. INVALID_ARGUMENT when no target would take
  // it, as CheckInputContent.
  absl::StatusOr<std::string> Sign(v1::InputChunk chunk);

 private:
  InputSigner(PrivateKey key, std::string job_uuid, uint32_t attempt)
      : key_(std::move(key)),
        job_uuid_(std::move(job_uuid)),
        attempt_(attempt) {}

  PrivateKey key_;
  std::string job_uuid_;
  uint32_t attempt_;
  uint64_t count_ = 0;
  // Digest of the last one.
  std::string previous_;
};

}  // namespace tutti

#endif  // COMMON_SIGNING_INPUT_SIGNER_H_
