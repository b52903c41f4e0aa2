// A question to the tables of the host.
#include "agent/runner/kinds/kind.h"
#include "common/kinds/manifest_folder.h"

namespace tutti::runner {

absl::StatusOr<JobWork> PlanQuery(const KindRequest& request,
                                  const KindSettings& settings) {
  JobWork work;
  work.arguments = QueryLimitFlags(settings.query_limits);
  work.arguments.insert(work.arguments.begin(), settings.query_program);
  work.arguments.emplace_back(kScriptPath);
  work.script = {"query", request.spec.query().sql()};
  // The table of kinds asks where they are.
  work.environment[kManifestFolderVariable] = settings.manifests;
  return work;
}

}  // namespace tutti::runner
