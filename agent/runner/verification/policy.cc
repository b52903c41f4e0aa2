#include "agent/runner/verification/policy.h"

namespace tutti::runner {

absl::Status AllowEveryOperator::Check(const Identity&, const v1::JobSpec&,
                                       std::string_view) const {
  return absl::OkStatus();
}

}  // namespace tutti::runner
