// What is refused of a selection.
#ifndef CONTROLLER_CORE_SELECTION_RULES_H_
#define CONTROLLER_CORE_SELECTION_RULES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/targets/target_expression.h"
#include "controller/registry/agent_registry.h"

namespace tutti::controller {

struct SelectionRules {
  // Names and wildcards that nobody has are left out.
  bool skip_unknown = false;
  // References may stand for nobody.
  bool allow_empty = false;
  // The controller's own host may be among those that are meant.
  bool with_local_host = false;
  // What to do about a name that nobody has.
  std::string_view remedy = "see `tutti agent list`";
};

// INVALID_ARGUMENT for labels that no agent has, because such a slip would
// select nobody, or everybody; and for names and wildcards that nobody has. The
// controller's own host counts as nobody unless the rules say otherwise.
absl::Status CheckSelection(const AgentRegistry& registry,
                            const TargetSelection& selection,
                            const SelectionRules& rules);

// Whether `targets`, sorted, may be those of one job: enrolled agents, or the
// controller's own host alone.
absl::Status CheckKnown(const AgentRegistry& registry,
                        const std::vector<std::string>& targets);
// Whether the controller's own host has had a runner.
absl::Status CheckLocalHost(const AgentRegistry& registry);

}  // namespace tutti::controller

#endif  // CONTROLLER_CORE_SELECTION_RULES_H_
