#include "common/targets/local_target.h"

#include <string>

#include "common/base/errors.h"

namespace tutti {

bool IsLocalTarget(const TargetExpression& expression) {
  // The cheap question first: a plain expression may have thousands of names.
  return expression.Matches(std::string(kLocalTarget)) == Match::kYes &&
         expression.IsPlain() && expression.PlainNames().size() == 1;
}

absl::Status CheckAgentName(std::string_view name) {
  if (name != kLocalTarget) return absl::OkStatus();
  return InvalidArgument(
      "the name '{}' stands for the controller's own host; choose another one "
      "for the agent",
      name);
}

}  // namespace tutti
