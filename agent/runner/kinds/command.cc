// A program that is there already.
#include "agent/runner/kinds/kind.h"

namespace tutti::runner {

absl::StatusOr<JobWork> PlanCommand(const KindRequest& request,
                                    const KindSettings& /*settings*/) {
  const auto& arguments = request.spec.command().arguments();
  return JobWork{.arguments = {arguments.begin(), arguments.end()}};
}

}  // namespace tutti::runner
