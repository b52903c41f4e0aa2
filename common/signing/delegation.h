// What an operator allows one job to do in their name.
#ifndef COMMON_SIGNING_DELEGATION_H_
#define COMMON_SIGNING_DELEGATION_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/uuid.h"
#include "common/identity/certificate.h"
#include "common/identity/key.h"
#include "tutti/v1/delegation.pb.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti {

// The secret of a job that holds its v1::DelegationPass, in base64. Of the
// names that begin with TUTTI_ the one that a spec may have.
inline constexpr std::string_view kDelegationVariable = "TUTTI_DELEGATION";

// Of v1::Delegation.targets.
inline constexpr size_t kMaxDelegatedTargetBytes = 1 << 20;
inline constexpr size_t kMaxDelegatedKinds = 256;
// Longest time between issue and expiry.
inline constexpr absl::Duration kMaxDelegationLife = absl::Hours(24);

// A delegation that its operator's signature holds for.
struct OpenedDelegation {
  v1::Delegation bounds;
  // The job that holds the key.
  Uuid job;
  // Sorted bytewise, unique.
  std::vector<std::string> targets;
};

// Whether every field is well-formed, without regard to time: the same rules
// for the CLI before it signs, the controller before it certifies and the
// runner before it believes. Gives the names of its targets. INVALID_ARGUMENT
// names the field.
absl::StatusOr<std::vector<std::string>> CheckDelegation(
    const v1::Delegation& delegation);

// With an operator's key. INVALID_ARGUMENT when CheckDelegation refuses it.
absl::StatusOr<v1::SignedDelegation> SignDelegation(
    const v1::Delegation& delegation, const PrivateKey& operator_key);

// What `operator_certificate` signed; says nothing of what that is worth.
// PERMISSION_DENIED when the signature is not by its key, INVALID_ARGUMENT when
// it can not be parsed or CheckDelegation refuses it.
absl::StatusOr<OpenedDelegation> OpenDelegation(
    const v1::SignedDelegation& delegation,
    const Certificate& operator_certificate);

// Whether a job within these bounds may be what `spec` says: fleet, kind, the
// times between which it may start, and that it delegates nothing itself.
// PERMISSION_DENIED names the bound.
absl::Status CheckDelegatedSpec(const OpenedDelegation& delegation,
                                const v1::JobSpec& spec);
// Whether it holds at `now`, within kClockTolerance.
absl::Status CheckDelegationTime(const OpenedDelegation& delegation,
                                 absl::Time now);
// Whether `target` is one of its targets.
absl::Status CheckDelegatedTarget(const OpenedDelegation& delegation,
                                  std::string_view target);

// Whether a delegation may name it: one of Tutti's own kinds that jobs can be
// of, or what an add-in kind may be called.
bool IsDelegableKind(std::string_view kind);

// Whether it holds a pass, and so delegates.
bool Delegates(const v1::JobSpec& spec);

}  // namespace tutti

#endif  // COMMON_SIGNING_DELEGATION_H_
