// A text that its own first line says who runs.
#include "agent/runner/kinds/kind.h"

namespace tutti::runner {

absl::StatusOr<JobWork> PlanScript(const KindRequest& request,
                                   const KindSettings& /*settings*/) {
  const tutti::v1::Script& script = request.spec.script();
  JobWork work;
  work.arguments = {kScriptPath};
  work.arguments.insert(work.arguments.end(), script.arguments().begin(),
                        script.arguments().end());
  work.script = {script.name(), script.text()};
  return work;
}

}  // namespace tutti::runner
