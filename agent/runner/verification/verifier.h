// The checks between a job that came over the network and a process.
#ifndef AGENT_RUNNER_VERIFICATION_VERIFIER_H_
#define AGENT_RUNNER_VERIFICATION_VERIFIER_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/runner/verification/policy.h"
#include "common/base/clock.h"
#include "common/identity/identity.h"
#include "common/identity/trust_store.h"
#include "common/signing/secrets.h"
#include "common/signing/signer_chains.h"
#include "tutti/v1/envelope.pb.h"
#include "tutti/v1/task.pb.h"

namespace tutti::runner {

// A job that this target may start.
struct VerifiedAttempt {
  tutti::v1::JobSpec spec;
  // The operator who signed, or in whose name it is signed.
  Identity signer;
  // Added to its environment beside what the spec says, by name.
  std::map<std::string, std::string> variables;
  // Values of the spec's secrets, by name; absent where they did not come
  // along.
  std::map<std::string, std::optional<std::string>> secrets;
  // No envelope for this attempt holds after this time, by this host's clock:
  // expiry plus the clock tolerance.
  absl::Time valid_until;
};

// Says yes to what an operator of this fleet signed for this target and
// nothing else. Whether the attempt ran before is the ledger's question, not
// asked here. Thread-safe; a call costs one ECDSA verification (about 50 µs)
// when the signer was seen before.
class Verifier {
 public:
  struct Options {
    std::string fleet;
    // Name of this target.
    std::string target;
    // Set by the benchmark alone, where one runner stands for many targets:
    // decides instead of `target` which names are this runner's.
    absl::AnyInvocable<bool(std::string_view) const> stands_for;
  };

  // `clock` and `policy` must outlive the verifier.
  Verifier(Options options, TrustStore operators, const Clock& clock,
           const Policy& policy);

  // Checks, in this order: signature and signer, and that the job is within the
  // bounds of a delegation, if it is by one; fleet, that `key` says what
  // the spec says, time, that the target is one of the signed ones and has just
  // these parameters (serialised; empty: none), that it is one of the
  // delegation's, policy, input, that the secrets
  // are those of the spec. The text of a refusal is the reason that the
  // operator sees.
  absl::StatusOr<VerifiedAttempt> Verify(std::string_view envelope,
                                         const tutti::v1::TargetProof& proof,
                                         const tutti::v1::AttemptKey& key,
                                         std::string_view parameters = {},
                                         const SecretList& secrets = {});
  // The same, but for the secrets: for a question whether it would be started.
  absl::StatusOr<VerifiedAttempt> VerifyQuestion(
      std::string_view envelope, const tutti::v1::TargetProof& proof,
      const tutti::v1::AttemptKey& key, std::string_view parameters);

 private:
  absl::Status CheckKey(const tutti::v1::JobSpec& spec,
                        const tutti::v1::AttemptKey& key) const;

  const Options options_;
  const Clock& clock_;
  const Policy& policy_;
  SignerChains signers_;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_VERIFICATION_VERIFIER_H_
