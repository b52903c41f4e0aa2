#include "controller/rpc/job_verifier.h"

#include <utility>
#include <vector>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
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
                                                std::string_view caller,
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
  job.envelope = std::make_shared<const std::string>(
      std::move(*request.mutable_envelope()));
  request.clear_envelope();
  job.request = std::move(request);
  job.operator_name = caller;
  return job;
}

absl::StatusOr<OpenedEnvelope> JobVerifier::Open(std::string_view envelope,
                                                 std::string_view caller,
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
  if (opened.signer.name != caller) {
    return PermissionDenied(
        "the job is signed by {}, but {} brings it; start it with the "
        "certificate that signed it",
        opened.signer.name, caller);
  }
  TUTTI_RETURN_IF_ERROR(CheckSpecTime(opened.spec, now));
  return opened;
}

}  // namespace tutti::controller
