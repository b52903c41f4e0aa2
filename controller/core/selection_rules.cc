#include "controller/core/selection_rules.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "common/base/closest.h"
#include "common/base/errors.h"
#include "common/targets/local_target.h"
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
  if (!rules.with_local_host &&
      std::binary_search(selection.unknown.begin(), selection.unknown.end(),
                         kLocalTarget)) {
    return InvalidArgument(
        "'{}' is the controller's own host and no agent; a job for it has no "
        "other target: name it alone, as `tutti run --local` does",
        kLocalTarget);
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

absl::Status CheckKnown(const AgentRegistry& registry,
                        const std::vector<std::string>& targets) {
  if (targets.size() == 1 && targets[0] == kLocalTarget) {
    return CheckLocalHost(registry);
  }
  const std::vector<std::string>& known = registry.names();
  std::vector<std::string> unknown;
  std::set_difference(targets.begin(), targets.end(), known.begin(),
                      known.end(), std::back_inserter(unknown));
  if (unknown.empty()) return absl::OkStatus();
  return InvalidArgument("no agent is called {}; see `tutti agent list`",
                         FoldNames(unknown));
}

absl::Status CheckLocalHost(const AgentRegistry& registry) {
  if (registry.Find(kLocalTarget) != nullptr) return absl::OkStatus();
  return InvalidArgument(
      "this controller has no runner of its own; start one on its host, as in "
      "`tutti-runner --dir DIR/local`, see docs/local.md");
}

}  // namespace tutti::controller
