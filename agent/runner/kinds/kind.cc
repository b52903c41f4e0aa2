#include "agent/runner/kinds/kind.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/signing/delegation.h"

namespace tutti::runner {
namespace {

using tutti::v1::JobSpec;

struct Kind {
  JobSpec::KindCase number;
  absl::StatusOr<JobWork> (*plan)(const KindRequest&, const KindSettings&);
  // Otherwise it does with its secrets what it likes.
  bool secret_variables = true;
};

constexpr Kind kKinds[] = {
    {JobSpec::kCommand, PlanCommand},
    {JobSpec::kScript, PlanScript},
    {JobSpec::kQuery, PlanQuery},
    {JobSpec::kCopy, PlanCopy},
    {JobSpec::kFetch, PlanFetch},
    {JobSpec::kAddIn, PlanAddIn, /*secret_variables=*/false},
};

}  // namespace

absl::StatusOr<JobWork> PlanWork(const KindRequest& request,
                                 const KindSettings& settings) {
  const auto* const kind = std::find_if(
      std::begin(kKinds), std::end(kKinds), [&](const Kind& candidate) {
        return candidate.number == request.spec.kind_case();
      });
  if (kind == std::end(kKinds)) {
    return PermissionDenied(
        "the job is of a kind that this runner does not know; upgrade the "
        "runner");
  }
  // The pass of a delegation is for `tutti`, whatever the kind makes of the
  // others.
  std::map<std::string, std::optional<std::string>> secrets = request.secrets;
  const auto pass = secrets.extract(std::string(kDelegationVariable));
  TUTTI_ASSIGN_OR_RETURN(JobWork work,
                         kind->plan({request.spec, secrets}, settings));
  if (!pass.empty() && pass.mapped().has_value()) {
    work.environment[pass.key()] = *pass.mapped();
  }
  if (!kind->secret_variables) return work;
  for (const auto& [name, value] : secrets) {
    if (value.has_value()) work.environment[name] = *value;
  }
  return work;
}

}  // namespace tutti::runner
