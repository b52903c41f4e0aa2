// What a target lets operators do.
#ifndef AGENT_RUNNER_VERIFICATION_POLICY_H_
#define AGENT_RUNNER_VERIFICATION_POLICY_H_

#include <string_view>

#include "absl/status/status.h"
#include "common/identity/identity.h"
#include "tutti/v1/envelope.pb.h"

namespace tutti::runner {

// The target's own say about a job whose signature holds. Every kind passes
// through it. Implementations are thread-safe.
class Policy {
 public:
  virtual ~Policy() = default;
  // Whether `signer` may run `spec` on `target`. PERMISSION_DENIED otherwise;
  // the text names the rule that said no.
  virtual absl::Status Check(const Identity& signer,
                             const tutti::v1::JobSpec& spec,
                             std::string_view target) const = 0;
};

// Every operator that the operators' authority knows may run everything.
class AllowEveryOperator final : public Policy {
 public:
  absl::Status Check(const Identity& signer, const tutti::v1::JobSpec& spec,
                     std::string_view target) const override;
};

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_VERIFICATION_POLICY_H_
