#include "common/signing/delegation.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/identity.h"
#include "common/jobs/kind_name.h"
#include "common/jobs/work_summary.h"
#include "common/signing/envelope.h"
#include "common/signing/unknown_fields.h"
#include "common/targets/node_set.h"

namespace tutti {
namespace {

// Nothing else that is ever signed with an operator's key begins like this.
constexpr std::string_view kDelegationSeparator(
    "tutti delegation signature v1\0", 30);
// Of everything beside the targets.
constexpr size_t kMaxOtherBytes = 64 << 10;
// A longer list is counted in an error.
constexpr size_t kMaxShownTargets = 200;

std::string DelegationBytes(std::string_view delegation) {
  std::string bytes;
  bytes.reserve(kDelegationSeparator.size() + delegation.size());
  bytes.append(kDelegationSeparator).append(delegation);
  return bytes;
}

absl::Status CheckKinds(const v1::Delegation& delegation) {
  if (delegation.kinds().empty() ||
      delegation.kinds_size() > static_cast<int>(kMaxDelegatedKinds)) {
    return InvalidArgument(
        "kinds: the delegation names {}; name 1 to {} kinds of jobs",
        delegation.kinds_size(), kMaxDelegatedKinds);
  }
  for (const std::string& kind : delegation.kinds()) {
    if (IsDelegableKind(kind)) continue;
    return InvalidArgument(
        "kinds: '{}' is no kind of job; name command, script, query, copy, "
        "fetch, or an add-in kind",
        kind);
  }
  return absl::OkStatus();
}

absl::Status CheckLife(const v1::Delegation& delegation) {
  const absl::Duration life =
      ToTime(delegation.expires_at()) - ToTime(delegation.issued_at());
  if (delegation.has_issued_at() && life > absl::ZeroDuration() &&
      life <= kMaxDelegationLife) {
    return absl::OkStatus();
  }
  return InvalidArgument(
      "expires_at: the delegation has to end after it was issued, and {} later "
      "at most",
      tutti::FormatDuration(kMaxDelegationLife));
}

absl::StatusOr<std::vector<std::string>> CheckTargets(
    const v1::Delegation& delegation) {
  const std::string& targets = delegation.targets();
  if (targets.size() > kMaxDelegatedTargetBytes) {
    return InvalidArgument(
        "targets: the delegation's are {} large, {} are possible; name fewer",
        FormatSize(targets.size()), FormatSize(kMaxDelegatedTargetBytes));
  }
  absl::StatusOr<std::vector<std::string>> names = ExpandNames(targets);
  if (!names.ok()) return WithPrefix("targets", names.status());
  if (!names->empty()) return names;
  return InvalidArgument("targets: the delegation has none; name at least one");
}

absl::Status CheckParent(const OpenedDelegation& delegation,
                         const v1::JobSpec& spec) {
  if (Delegates(spec)) {
    return PermissionDenied(
        "a job that is started through a delegation can not delegate itself; "
        "leave --delegate out");
  }
  if (spec.job_uuid() == delegation.bounds.job_uuid()) {
    return PermissionDenied(
        "the job is the one that holds the delegation; give it a UUID of its "
        "own");
  }
  return absl::OkStatus();
}

}  // namespace

bool IsDelegableKind(std::string_view kind) {
  return kind == "command" || kind == "script" || kind == "query" ||
         kind == "copy" || kind == "fetch" || IsKindName(kind);
}

bool Delegates(const v1::JobSpec& spec) {
  return std::any_of(spec.secrets().begin(), spec.secrets().end(),
                     [](const v1::SecretVariable& secret) {
                       return secret.name() == kDelegationVariable;
                     });
}

absl::StatusOr<std::vector<std::string>> CheckDelegation(
    const v1::Delegation& delegation) {
  if (const absl::Status fleet = ValidateFleetName(delegation.fleet());
      !fleet.ok()) {
    return WithPrefix("fleet", fleet);
  }
  if (const auto job = Uuid::FromBytes(delegation.job_uuid()); !job.ok()) {
    return WithPrefix("job_uuid", job.status());
  }
  if (const auto key = PublicKey::FromDer(delegation.public_key()); !key.ok()) {
    return WithPrefix("public_key", key.status());
  }
  TUTTI_RETURN_IF_ERROR(CheckKinds(delegation));
  TUTTI_RETURN_IF_ERROR(CheckLife(delegation));
  return CheckTargets(delegation);
}

absl::StatusOr<v1::SignedDelegation> SignDelegation(
    const v1::Delegation& delegation, const PrivateKey& operator_key) {
  TUTTI_RETURN_IF_ERROR(CheckDelegation(delegation).status());
  v1::SignedDelegation signed_delegation;
  delegation.SerializeToString(signed_delegation.mutable_delegation());
  TUTTI_ASSIGN_OR_RETURN(
      *signed_delegation.mutable_signature(),
      operator_key.Sign(DelegationBytes(signed_delegation.delegation())));
  return signed_delegation;
}

absl::StatusOr<OpenedDelegation> OpenDelegation(
    const v1::SignedDelegation& delegation,
    const Certificate& operator_certificate) {
  const std::string& bytes = delegation.delegation();
  if (bytes.size() > kMaxDelegatedTargetBytes + kMaxOtherBytes) {
    return InvalidArgument(
        "the delegation is {} large; name fewer targets and kinds in it",
        FormatSize(bytes.size()));
  }
  if (!operator_certificate.VerifySignature(DelegationBytes(bytes),
                                            delegation.signature())) {
    return PermissionDenied(
        "the delegation is not signed by the operator whose certificate comes "
        "with it, or was changed since; start the local job anew");
  }
  OpenedDelegation opened;
  if (!opened.bounds.ParseFromString(bytes)) {
    return InvalidArgument(
        "the delegation can not be parsed; the program that made it is of "
        "another version");
  }
  TUTTI_RETURN_IF_ERROR(CheckNoUnknownFields(opened.bounds));
  absl::StatusOr<std::vector<std::string>> targets =
      CheckDelegation(opened.bounds);
  if (!targets.ok()) return WithPrefix("the delegation", targets.status());
  opened.targets = *std::move(targets);
  TUTTI_ASSIGN_OR_RETURN(opened.job, Uuid::FromBytes(opened.bounds.job_uuid()));
  return opened;
}

absl::Status CheckDelegatedSpec(const OpenedDelegation& delegation,
                                const v1::JobSpec& spec) {
  const v1::Delegation& bounds = delegation.bounds;
  if (spec.fleet() != bounds.fleet()) {
    return PermissionDenied(
        "the job is for fleet '{}', its delegation for fleet '{}'; start the "
        "local job in the fleet that is meant",
        spec.fleet(), bounds.fleet());
  }
  const std::string_view kind = KindName(spec);
  if (std::find(bounds.kinds().begin(), bounds.kinds().end(), kind) ==
      bounds.kinds().end()) {
    return PermissionDenied(
        "the delegation is for jobs of the kinds {}, this is a {}; name it in "
        "--delegate-kinds",
        fmt::join(bounds.kinds(), ", "), kind);
  }
  if (ToTime(spec.issued_at()) < ToTime(bounds.issued_at()) - kClockTolerance ||
      ToTime(spec.expires_at()) > ToTime(bounds.expires_at())) {
    return PermissionDenied(
        "the job could start outside of the time of its delegation, which ends "
        "at {}; give a longer --delegate-for",
        FormatDate(ToTime(bounds.expires_at())));
  }
  return CheckParent(delegation, spec);
}

absl::Status CheckDelegationTime(const OpenedDelegation& delegation,
                                 absl::Time now) {
  const absl::Time issued = ToTime(delegation.bounds.issued_at());
  const absl::Time end = ToTime(delegation.bounds.expires_at());
  if (now > end + kClockTolerance) {
    return PermissionDenied(
        "the delegation has ended {} ago; start the local job with a longer "
        "--delegate-for",
        tutti::FormatDuration(now - end));
  }
  if (now >= issued - kClockTolerance) return absl::OkStatus();
  return PermissionDenied(
      "the delegation begins in {}; set the clocks of both hosts",
      tutti::FormatDuration(issued - now));
}

absl::Status CheckDelegatedTarget(const OpenedDelegation& delegation,
                                  std::string_view target) {
  if (std::binary_search(delegation.targets.begin(), delegation.targets.end(),
                         target)) {
    return absl::OkStatus();
  }
  const std::string& folded = delegation.bounds.targets();
  return PermissionDenied(
      "'{}' is not among the targets of the delegation ({}); name it in "
      "--delegate",
      target,
      folded.size() <= kMaxShownTargets
          ? folded
          : fmt::format("{} of them", delegation.targets.size()));
}

}  // namespace tutti
