#include "agent/runner/verification/verifier.h"

#include <utility>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/signing/envelope.h"

namespace tutti::runner {
namespace {

// Whether this runner can check what reaches a process as input.
absl::Status CheckInputRule(const v1::InputRule& input) {
  switch (input.rule_case()) {
    case v1::InputRule::kNone:
    case v1::InputRule::kStream:
    // Its program does that.
    case v1::InputRule::kContent:
      return absl::OkStatus();
    case v1::InputRule::RULE_NOT_SET:
      break;
  }
  return PermissionDenied(
      "the job wants input of a kind that this runner can not check; upgrade "
      "the runner");
}

absl::Status AddParameters(std::string_view serialized,
                           std::map<std::string, std::string>& variables) {
  const auto parameters = ParseParameters(serialized);
  if (!parameters.ok()) {
    return WithPrefix("its parameters", parameters.status());
  }
  for (const v1::EnvironmentVariable& variable : parameters->variables()) {
    variables.emplace(fmt::format("{}{}", kParameterPrefix, variable.name()),
                      variable.value());
  }
  return absl::OkStatus();
}

}  // namespace

Verifier::Verifier(Options options, TrustStore operators, const Clock& clock,
                   const Policy& policy)
    : options_(std::move(options)),
      clock_(clock),
      policy_(policy),
      signers_(std::move(operators)) {}

absl::StatusOr<VerifiedAttempt> Verifier::Verify(std::string_view envelope,
                                                 const v1::TargetProof& proof,
                                                 const v1::AttemptKey& key,
                                                 std::string_view parameters,
                                                 const SecretList& secrets) {
  TUTTI_ASSIGN_OR_RETURN(VerifiedAttempt attempt,
                         VerifyQuestion(envelope, proof, key, parameters));
  if (const absl::Status known = CheckSecrets(attempt.spec, secrets);
      !known.ok()) {
    return PermissionDenied("{}", TextOf(known));
  }
  for (const v1::Secret& secret : secrets) {
    attempt.secrets[secret.name()] = secret.value();
  }
  return attempt;
}

absl::StatusOr<VerifiedAttempt> Verifier::VerifyQuestion(
    std::string_view envelope, const v1::TargetProof& proof,
    const v1::AttemptKey& key, std::string_view parameters) {
  const absl::Time now = clock_.Now();
  TUTTI_ASSIGN_OR_RETURN(OpenedEnvelope opened,
                         OpenEnvelope(envelope, signers_, now));
  const v1::JobSpec& spec = opened.spec;
  if (spec.fleet() != options_.fleet) {
    return PermissionDenied(
        "the job is for fleet '{}', this target belongs to fleet '{}'",
        spec.fleet(), options_.fleet);
  }
  TUTTI_RETURN_IF_ERROR(CheckKey(spec, key));
  TUTTI_RETURN_IF_ERROR(CheckSpecTime(spec, now));
  TUTTI_RETURN_IF_ERROR(CheckTarget(spec, key.target(), proof, parameters));
  if (opened.delegation.has_value()) {
    TUTTI_RETURN_IF_ERROR(CheckDelegationTime(*opened.delegation, now));
    TUTTI_RETURN_IF_ERROR(
        CheckDelegatedTarget(*opened.delegation, key.target()));
  }
  TUTTI_RETURN_IF_ERROR(policy_.Check(opened.signer, spec, key.target()));
  TUTTI_RETURN_IF_ERROR(CheckInputRule(spec.input()));
  VerifiedAttempt attempt;
  TUTTI_RETURN_IF_ERROR(AddParameters(parameters, attempt.variables));
  for (const v1::SecretVariable& secret : spec.secrets()) {
    attempt.secrets.emplace(secret.name(), std::nullopt);
  }
  attempt.valid_until = ToTime(spec.expires_at()) + kClockTolerance;
  attempt.spec = std::move(opened.spec);
  attempt.signer = std::move(opened.signer);
  return attempt;
}

// The key came unsigned, but names the attempt in the ledger: a key other than
// the signed one would run one signature twice.
absl::Status Verifier::CheckKey(const v1::JobSpec& spec,
                                const v1::AttemptKey& key) const {
  if (key.job_uuid() != spec.job_uuid()) {
    return PermissionDenied(
        "the attempt names another job than the one that was signed; start "
        "the job again");
  }
  if (key.attempt() != spec.attempt()) {
    return PermissionDenied(
        "attempt {} was asked for but attempt {} was signed; sign the retry",
        key.attempt(), spec.attempt());
  }
  const bool ours = options_.stands_for ? options_.stands_for(key.target())
                                        : key.target() == options_.target;
  if (!ours) {
    return PermissionDenied(
        "the job came for target '{}', but this is '{}'; enrol this host "
        "again if its name has changed",
        key.target(), options_.target);
  }
  return absl::OkStatus();
}

}  // namespace tutti::runner
