#include "controller/core/selection_rules.h"

#include <string>
#include <vector>

#include "common/base/closest.h"
#include "common/base/errors.h"
#include "common/targets/node_set.h"

namespace tutti::controller {
namespace {

// " (did you mean web01?)", where there is such a name.
std::string Meant(std::string_view name,
                  const std::vector<std::string>& names) {
  const auto closest = Closest(name, names);
  return closest.has_value() ? fmt::format(" (did you mean {}?)", *closest)
                             : "";
}

}  // namespace

absl::Status CheckSelection(const AgentRegistry& registry,
                            const TargetSelection& selection,
                            const SelectionRules& rules) {
  if (!selection.unknown_attributes.empty()) {
    const std::string& name = selection.unknown_attributes[0];
    return InvalidArgument(
        "no target has a label or fact '{}'{}; tutti agent show NAME shows "
        "those of one",
        name, Meant(name, registry.attributes().Names()));
  }
  if (rules.skip_unknown) return absl::OkStatus();
  if (!selection.unknown.empty()) {
    const bool single = selection.unknown.size() == 1;
    return InvalidArgument(
        "no agent is called {}{}; {}", FoldNames(selection.unknown),
        single ? Meant(selection.unknown[0], registry.names()) : "",
        rules.remedy);
  }
  if (!selection.unmatched.empty()) {
    return InvalidArgument("no agent's name matches '{}'; {}",
                           selection.unmatched[0], rules.remedy);
  }
  return absl::OkStatus();
}

}  // namespace tutti::controller
