// Values of a job's environment that are kept nowhere: what is signed is their
// digests.
#ifndef COMMON_SIGNING_SECRETS_H_
#define COMMON_SIGNING_SECRETS_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti {

// All of a job, with their names, serialised.
inline constexpr size_t kMaxSecretBytes = 32 << 10;

using SecretList = google::protobuf::RepeatedPtrField<v1::Secret>;

// With a salt of its own, so that its digest tells nothing of a short value.
absl::StatusOr<v1::Secret> MakeSecret(std::string name, std::string value);

// What of it stands in a spec.
v1::SecretVariable ToVariable(const v1::Secret& secret);

// Whether `secrets` are those of the spec, each once and in its order, and not
// too large. INVALID_ARGUMENT names the variable, never its value.
absl::Status CheckSecrets(const v1::JobSpec& spec, const SecretList& secrets);

// Whether all of them can go along. INVALID_ARGUMENT otherwise.
absl::Status CheckSecretsSize(const SecretList& secrets);

// Overwrites the values and forgets them.
void Wipe(SecretList& secrets);

}  // namespace tutti

#endif  // COMMON_SIGNING_SECRETS_H_
