#include "controller/cli/run/delegate.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/key.h"
#include "common/signing/delegation.h"
#include "common/signing/secrets.h"
#include "common/targets/local_target.h"
#include "common/targets/node_set.h"
#include "common/targets/target_expression.h"
#include "controller/cli/run/targets.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

v1::Delegation BoundsOf(const RunPlan& plan, const ResolvedRun& run,
                        const PrivateKey& key, absl::Time now) {
  v1::Delegation bounds;
  bounds.set_fleet(run.fleet);
  bounds.set_job_uuid(std::string(run.uuid.bytes()));
  bounds.set_public_key(key.PublicKeyDer());
  bounds.set_targets(run.delegated_targets);
  for (const std::string& kind : plan.delegate->kinds) bounds.add_kinds(kind);
  *bounds.mutable_issued_at() = ToProto(now);
  *bounds.mutable_expires_at() = ToProto(now + plan.delegate->life);
  return bounds;
}

absl::StatusOr<v1::DelegationPass> MakePass(const RunPlan& plan,
                                            const ResolvedRun& run,
                                            Connection& connection,
                                            absl::Time now) {
  TUTTI_ASSIGN_OR_RETURN(const PrivateKey key, PrivateKey::Generate());
  const Credentials& own = connection.credentials();
  v1::CertifyDelegateRequest request;
  TUTTI_ASSIGN_OR_RETURN(
      *request.mutable_delegation(),
      SignDelegation(BoundsOf(plan, run, key, now), own.key));
  TUTTI_ASSIGN_OR_RETURN(*request.mutable_signing_request(),
                         key.MakeSigningRequest());
  TUTTI_ASSIGN_OR_RETURN(
      const v1::CertifyDelegateResponse response,
      connection.Call(&v1::JobService::Stub::CertifyDelegate, request));
  v1::DelegationPass pass;
  pass.set_fleet(run.fleet);
  pass.set_controller(connection.address());
  pass.set_controller_authorities(connection.controller_authority());
  *pass.mutable_certificates() = response.certificates();
  pass.set_key(key.ToPem());
  *pass.mutable_delegation() = request.delegation();
  for (const Certificate& certificate : own.certificates) {
    pass.add_operator_certificates(certificate.ToDer());
  }
  return pass;
}

// The controller says which there are, and not which are meant.
absl::StatusOr<std::vector<std::string>> NamesOf(
    const std::vector<std::string>& expressions, Connection& connection) {
  WantedTargets wanted;
  wanted.text = Unite(expressions);
  TUTTI_ASSIGN_OR_RETURN(wanted.expression,
                         TargetExpression::ParseUnited(expressions));
  if (IsLocalTarget(wanted.expression)) {
    return InvalidArgument(
        "'{}' is where the job itself runs; name targets of the fleet",
        kLocalTarget);
  }
  v1::ResolveTargetsRequest request;
  request.add_expressions(wanted.text);
  TUTTI_ASSIGN_OR_RETURN(
      const v1::ResolveTargetsResponse answer,
      connection.Call(&v1::JobService::Stub::ResolveTargets, request));
  return CheckAnswer(wanted, answer);
}

}  // namespace

absl::Status ResolveDelegate(const RunPlan& plan, Connection& connection,
                             ResolvedRun& run) {
  if (!plan.delegate) return absl::OkStatus();
  if (connection.delegated() != nullptr) {
    return InvalidArgument(
        "--delegate: this job is a delegate itself, and can not delegate; "
        "leave it out");
  }
  const absl::StatusOr<std::vector<std::string>> names =
      NamesOf(plan.delegate->targets, connection);
  if (!names.ok()) return WithPrefix("--delegate", names.status());
  run.delegated_targets = FoldNames(*names);
  run.delegated_count = names->size();
  return absl::OkStatus();
}

absl::StatusOr<RunPlan> Delegate(const RunPlan& plan, const ResolvedRun& run,
                                 Connection& connection, absl::Time now) {
  RunPlan delegating = plan;
  if (!plan.delegate) return delegating;
  TUTTI_ASSIGN_OR_RETURN(const v1::DelegationPass pass,
                         MakePass(plan, run, connection, now));
  const std::string bytes = pass.SerializeAsString();
  TUTTI_ASSIGN_OR_RETURN(
      v1::Secret secret,
      MakeSecret(std::string(kDelegationVariable), absl::Base64Escape(bytes)));
  *delegating.work.add_secrets() = ToVariable(secret);
  *delegating.secrets.Add() = std::move(secret);
  if (!CheckSecretsSize(delegating.secrets).ok()) {
    return InvalidArgument(
        "--delegate: what the job gets for it ({}) and its other secrets are "
        "more than {}; name fewer targets, or such that fold, as web[01-99]",
        FormatSize(delegating.secrets.rbegin()->value().size()),
        FormatSize(kMaxSecretBytes));
  }
  return delegating;
}

}  // namespace tutti::cli
