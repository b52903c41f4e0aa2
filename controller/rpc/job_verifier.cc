#include "controller/rpc/job_verifier.h"

#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/sha256.h"
#include "common/signing/envelope.h"
#include "common/signing/secrets.h"
#include "common/targets/node_set.h"

namespace tutti::controller {
namespace {

// The tree over the targets, if it is the one that was signed.
absl::StatusOr<std::shared_ptr<const MerkleTree>> SignedTree(
    const v1::JobSpec& spec, const std::vector<std::string>& targets,
    const ParameterList& parameters) {
  TUTTI_RETURN_IF_ERROR(CheckParameterList(parameters, targets));
  TUTTI_ASSIGN_OR_RETURN(MerkleTree tree, MakeTargetTree(targets, parameters));
  const std::string_view root(reinterpret_cast<const char*>(tree.root().data()),
                              tree.root().size());
  if (spec.target_count() != targets.size() || spec.targets_root() != root) {
    return InvalidArgument(
        "the list of {} targets is not the list of {} that was signed, or "
        "their parameters are others; sign the job again",
        targets.size(), spec.target_count());
  }
  return std::make_shared<const MerkleTree>(std::move(tree));
}

// A delegate brings what is signed with its own delegation, and an operator
// what is signed with none.
absl::Status CheckDelegate(const OpenedEnvelope& opened,
                           const JobCaller& caller) {
  const bool is_delegate = caller.identity.role == Role::kDelegate;
  if (!is_delegate && !opened.delegation.has_value()) return absl::OkStatus();
  if (!is_delegate) {
    return PermissionDenied(
        "the job is signed through a delegation, which only its own job can "
        "use; sign it with the operator's key");
  }
  if (opened.delegation.has_value() &&
      opened.delegation->job == caller.identity.job &&
      Sha256(opened.delegation->bounds.public_key()) ==
          caller.key_fingerprint) {
    return absl::OkStatus();
  }
  return PermissionDenied(
      "the job is not signed through the delegation of job {}, whose "
      "certificate brings it; sign it with that",
      caller.identity.job.value_or(Uuid()).ToString());
}

absl::Status CheckDelegatedTargets(const PreparedJob& job) {
  if (!job.opened.delegation.has_value()) return absl::OkStatus();
  for (const std::string& target : job.targets) {
    TUTTI_RETURN_IF_ERROR(CheckDelegatedTarget(*job.opened.delegation, target));
  }
  return absl::OkStatus();
}

}  // namespace

JobVerifier::JobVerifier(std::string fleet, TrustStore operators)
    : fleet_(std::move(fleet)),
      operators_(std::make_shared<const TrustStore>(std::move(operators))) {}

void JobVerifier::SetOperators(TrustStore operators) {
  auto shared = std::make_shared<const TrustStore>(std::move(operators));
  MutexLock lock(mutex_);
  operators_ = std::move(shared);
}

absl::StatusOr<PreparedJob> JobVerifier::Verify(v1::StartJobRequest request,
                                                const JobCaller& caller,
                                                absl::Time now) const {
  if (!v1::OfflinePolicy_IsValid(request.offline()) ||
      request.offline() == v1::OFFLINE_POLICY_UNSPECIFIED) {
    return InvalidArgument(
        "no policy for offline targets is given; choose "
        "fail, ok or wait");
  }
  PreparedJob job;
  TUTTI_ASSIGN_OR_RETURN(job.opened, Open(request.envelope(), caller, now));
  TUTTI_ASSIGN_OR_RETURN(job.targets, ExpandNames(request.targets()));
  TUTTI_ASSIGN_OR_RETURN(
      job.tree, SignedTree(job.opened.spec, job.targets, request.parameters()));
  TUTTI_RETURN_IF_ERROR(CheckSecrets(job.opened.spec, request.secrets()));
  TUTTI_RETURN_IF_ERROR(CheckDelegatedTargets(job));
  job.envelope = std::make_shared<const std::string>(
      std::move(*request.mutable_envelope()));
  request.clear_envelope();
  job.request = std::move(request);
  job.operator_name = caller.identity.name;
  return job;
}

absl::StatusOr<OpenedEnvelope> JobVerifier::Open(std::string_view envelope,
                                                 const JobCaller& caller,
                                                 absl::Time now) const {
  std::shared_ptr<const TrustStore> operators;
  {
    MutexLock lock(mutex_);
    operators = operators_;
  }
  TUTTI_ASSIGN_OR_RETURN(OpenedEnvelope opened,
                         OpenEnvelope(envelope, *operators, now));
  if (opened.spec.fleet() != fleet_) {
    return PermissionDenied(
        "the job is for fleet '{}', this is a controller of '{}'; choose the "
        "other fleet or its controller's address",
        opened.spec.fleet(), fleet_);
  }
  if (opened.signer.name != caller.identity.name) {
    return PermissionDenied(
        "the job is signed by {}, but {} brings it; start it with the "
        "certificate that signed it",
        opened.signer.name, caller.identity.name);
  }
  TUTTI_RETURN_IF_ERROR(CheckDelegate(opened, caller));
  TUTTI_RETURN_IF_ERROR(CheckSpecTime(opened.spec, now));
  if (opened.delegation.has_value()) {
    TUTTI_RETURN_IF_ERROR(CheckDelegationTime(*opened.delegation, now));
  }
  return opened;
}

}  // namespace tutti::controller
