#include "controller/core/label_limits.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/targets/attributes.h"
#include "common/targets/node_set.h"
#include "controller/core/selection_rules.h"
#include "controller/rollout/turn_queue.h"

namespace tutti::controller {
namespace {

absl::Status CheckLabelLimit(const AgentRegistry& registry,
                             const std::vector<std::string>& targets,
                             const std::string& label) {
  const AgentAttributes attributes = registry.attributes();
  if (std::find(kBuiltInAttributes.begin(), kBuiltInAttributes.end(), label) !=
      kBuiltInAttributes.end()) {
    return InvalidArgument(
        "there can be no limit by '{}', which is neither a label nor a fact; "
        "name one, as in rack=1",
        label);
  }
  if (!attributes.Knows(label)) {
    TargetSelection selection;
    selection.unknown_attributes.push_back(label);
    return CheckSelection(registry, selection, {});
  }
  std::vector<std::string> without;
  for (const std::string& target : targets) {
    if (attributes.ValuesOf(target, label).empty()) without.push_back(target);
  }
  if (without.empty()) return absl::OkStatus();
  return InvalidArgument(
      "there can be no limit by '{}', which {} {} not have; give it to them "
      "(`tutti agent label`), or leave them out",
      label, FoldNames(without), without.size() == 1 ? "does" : "do");
}

// Adds what one limit means to `places`, whose values are of the others.
void AddPlaces(const AgentAttributes& attributes,
               const std::vector<std::string>& targets, const LabelLimit& limit,
               LabelPlaces& places) {
  absl::flat_hash_map<std::string, uint32_t> numbers;
  for (size_t task = 0; task < targets.size(); ++task) {
    std::vector<std::string> values =
        attributes.ValuesOf(targets[task], limit.label);
    if (values.empty()) values.emplace_back();
    SortUnique(values);
    for (std::string& value : values) {
      const auto [found, added] = numbers.try_emplace(
          std::move(value), static_cast<uint32_t>(places.limits.size()));
      if (added) places.limits.push_back(limit.max);
      places.values[task].push_back(found->second);
    }
  }
}

}  // namespace

absl::Status CheckLabelLimits(
    const AgentRegistry& registry, const std::vector<std::string>& targets,
    const google::protobuf::RepeatedPtrField<v1::MaxPerLabel>& limits) {
  for (const v1::MaxPerLabel& limit : limits) {
    if (limit.max() == 0) continue;
    TUTTI_RETURN_IF_ERROR(CheckLabelLimit(registry, targets, limit.label()));
  }
  return absl::OkStatus();
}

void ApplyLabelLimits(const AgentRegistry& registry, const Job& job,
                      JobAttempt& attempt) {
  LabelPlaces places;
  const std::vector<LabelLimit>& limits =
      attempt.settings().rollout.max_per_label;
  if (!limits.empty()) places.values.resize(job.size());
  for (const LabelLimit& limit : limits) {
    AddPlaces(registry.attributes(), job.targets(), limit, places);
  }
  attempt.rollout.SetLabelPlaces(places);
}

}  // namespace tutti::controller
