#include "common/signing/input_signer.h"

#include "common/base/status_macros.h"
#include "common/identity/sha256.h"
#include "common/signing/input_chunk.h"

namespace tutti {

absl::StatusOr<InputSigner> InputSigner::Create(std::string job_uuid,
                                                uint32_t attempt) {
  TUTTI_ASSIGN_OR_RETURN(PrivateKey key, PrivateKey::Generate());
  return InputSigner(std::move(key), std::move(job_uuid), attempt);
}

absl::StatusOr<std::string> InputSigner::Sign(v1::InputChunk chunk) {
  // Whether there is a terminal is the targets' to check.
  TUTTI_RETURN_IF_ERROR(CheckInputContent(chunk, /*has_terminal=*/true));
  chunk.set_job_uuid(job_uuid_);
  chunk.set_attempt(attempt_);
  chunk.set_number(count_);
  chunk.set_previous(previous_);
  v1::SignedInput input;
  chunk.SerializeToString(input.mutable_chunk());
  TUTTI_ASSIGN_OR_RETURN(*input.mutable_signature(),
                         key_.Sign(SignedInputBytes(input.chunk())));
  previous_ = Sha256(input.chunk());
  ++count_;
  return input.SerializeAsString();
}

}  // namespace tutti
