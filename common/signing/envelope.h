// Making and checking signed jobs.
#ifndef COMMON_SIGNING_ENVELOPE_H_
#define COMMON_SIGNING_ENVELOPE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/identity/identity_directory.h"
#include "common/identity/trust_store.h"
#include "common/signing/delegation.h"
#include "common/signing/merkle_tree.h"
#include "common/signing/signer_chains.h"
#include "common/signing/target_parameters.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti {

// Largest serialised JobSpec.
inline constexpr size_t kMaxSpecBytes = 4 << 20;
// Longest time between issue and expiry.
inline constexpr absl::Duration kMaxSpecLife = absl::Hours(24 * 30);
// How far two clocks may be apart.
inline constexpr absl::Duration kClockTolerance = absl::Minutes(5);

// The tree over frozen targets and what they have for themselves. `names` must
// be sorted bytewise and unique; INVALID_ARGUMENT otherwise, or when empty.
// `parameters` may be about more targets than these.
absl::StatusOr<MerkleTree> MakeTargetTree(const std::vector<std::string>& names,
                                          const ParameterList& parameters = {});

// Proof for the target at `index`.
v1::TargetProof MakeTargetProof(const MerkleTree& tree, uint64_t index);

// What a job is signed with in an operator's name: the operator's own key, or
// one that it delegated to. Borrows all of it.
struct JobSigner {
  // Implicit: an operator's credentials are all that there is to it.
  // NOLINTNEXTLINE(google-explicit-constructor)
  JobSigner(const Credentials& credentials)
      : key(credentials.key), certificates(credentials.certificates) {}
  JobSigner(const PrivateKey& key, const std::vector<Certificate>& certificates,
            const v1::SignedDelegation* delegation)
      : key(key), certificates(certificates), delegation(delegation) {}

  const PrivateKey& key;
  // The operator's.
  const std::vector<Certificate>& certificates;
  // Null: `key` is the operator's.
  const v1::SignedDelegation* delegation = nullptr;
};

// Signs a finished spec. INVALID_ARGUMENT when it is larger than
// kMaxSpecBytes or CheckSpec refuses it; PERMISSION_DENIED when it is out of
// the bounds of the delegation.
absl::StatusOr<v1::Envelope> SignSpec(const v1::JobSpec& spec,
                                      const JobSigner& signer);

// Whether every field is well-formed, without regard to time or target: the
// same rules for the CLI before it signs, the controller before it journals
// and the runner before it starts. The text names the field and the remedy.
absl::Status CheckSpec(const v1::JobSpec& spec);

// Whether a command's environment may have a variable of that name; the same
// rule for a spec and for what a target adds.
absl::Status CheckVariableName(std::string_view name);

// A spec that was opened: its signature and signer hold.
struct OpenedEnvelope {
  v1::JobSpec spec;
  // In whose name it is signed; an operator of the spec's fleet.
  Identity signer;
  // What that operator allowed whoever signed; absent: the operator signed.
  std::optional<OpenedDelegation> delegation = std::nullopt;
};

// Parses and verifies an envelope at `now`: exactly one signature, a chain to
// `operators`, a signer that is an operator of the spec's fleet, CheckSpec.
// PERMISSION_DENIED with the reason otherwise (INVALID_ARGUMENT when it can
// not be parsed or CheckSpec refuses it). With a delegation, that this is the
// operator's, the signature by its key, and CheckDelegatedSpec. Says nothing
// about expiry or targets.
absl::StatusOr<OpenedEnvelope> OpenEnvelope(
    std::string_view serialized_envelope, const TrustStore& operators,
    absl::Time now);
// The same for those who open many: chains are remembered in `signers`.
absl::StatusOr<OpenedEnvelope> OpenEnvelope(
    std::string_view serialized_envelope, SignerChains& signers,
    absl::Time now);

// Whether the key of `certificate` signed this envelope; says nothing about
// what the certificate is worth.
bool IsSignedWith(std::string_view serialized_envelope,
                  const Certificate& certificate);

// Whether the job may start at `now`: issued and not expired, within
// kClockTolerance, not living longer than kMaxSpecLife. The refusal says how
// far the clocks are apart, or since when it is expired.
absl::Status CheckSpecTime(const v1::JobSpec& spec, absl::Time now);

// Whether `target` is one of the frozen targets, and with just these
// parameters; empty: none.
absl::Status CheckTarget(const v1::JobSpec& spec, std::string_view target,
                         const v1::TargetProof& proof,
                         std::string_view parameters = {});

}  // namespace tutti

#endif  // COMMON_SIGNING_ENVELOPE_H_
