#include "common/targets/local_target.h"

#include <string>
#include <vector>

#include "common/base/errors.h"

namespace tutti {

bool IsLocalTarget(const TargetExpression& expression) {
  return expression.IsPlain() &&
         expression.PlainNames() ==
             std::vector<std::string>{std::string(kLocalTarget)};
}

absl::Status CheckAgentName(std::string_view name) {
  if (name != kLocalTarget) return absl::OkStatus();
  return InvalidArgument(
      "the name '{}' stands for the controller's own host; choose another one "
      "for the agent",
      name);
}

}  // namespace tutti
