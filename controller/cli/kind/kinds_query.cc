#include "controller/cli/kind/kinds_query.h"

#include <memory>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "common/targets/node_set.h"
#include "controller/cli/configuration.h"
#include "controller/cli/kind/kind_cache.h"
#include "controller/cli/run/run_plan.h"

namespace tutti::cli {

absl::StatusOr<int> QueryKinds(const RunOptions& options,
                               const std::string& name,
                               KindsView::OnKinds on_kinds, Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const FleetConfiguration fleet,
                         LoadFleet(context.options));
  RunOptions look = options;
  look.show.own_view = [&](const FollowedJob& job,
                           Sinks sinks) -> std::unique_ptr<OutputView> {
    LineViewOptions lines;
    lines.harmless_error = context.terminal.ErrorIsTerminal();
    lines.color_error = context.terminal.ErrorHasColor();
    return std::make_unique<KindsView>(
        job, lines, sinks,
        [&](const std::vector<TargetKind>& kinds, std::string& output) {
          // It only spares a round trip: where it can not be kept nothing is
          // lost.
          const absl::Status kept = KeepKinds(fleet.fleet, kinds);
          if (!kept.ok()) Warn(context, TextOf(kept));
          return on_kinds(kinds, output);
        });
  };
  v1::JobSpec work;
  work.mutable_query()->set_sql(KindsQuery(name));
  return RunPlanned(look, MakePlan(look, std::move(work)), context);
}

Json KindToJson(const TargetKind& kind) {
  Json json = {{"name", kind.manifest.name},
               {"targets", FoldNames(kind.targets)},
               {"target_count", kind.targets.size()},
               {"version", kind.manifest.version},
               {"description", kind.manifest.description},
               {"program", kind.manifest.program},
               {"parameters", ParametersToJson(kind.manifest)},
               {"path", kind.path}};
  json["error"] = kind.error.empty() ? Json(nullptr) : Json(kind.error);
  return json;
}

}  // namespace tutti::cli
