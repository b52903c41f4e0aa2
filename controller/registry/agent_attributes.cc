#include "controller/registry/agent_attributes.h"

#include <algorithm>
#include <utility>

#include "common/targets/attributes.h"
#include "common/targets/node_set.h"

namespace tutti::controller {
namespace {

constexpr int kMaxFactValues = 64;
constexpr size_t kMaxValueBytes = 256;

bool IsBuiltIn(std::string_view attribute) {
  return std::find(kBuiltInAttributes.begin(), kBuiltInAttributes.end(),
                   attribute) != kBuiltInAttributes.end();
}

// Other names could stand for a label that the controller keeps.
bool IsFact(std::string_view name) {
  return std::find(kFactNames.begin(), kFactNames.end(), name) !=
         kFactNames.end();
}

bool Has(const v1::HostAttributes& attributes, std::string_view fact) {
  return std::any_of(
      attributes.facts().begin(), attributes.facts().end(),
      [fact](const v1::Fact& other) { return other.name() == fact; });
}

v1::Fact GoodFact(const v1::Fact& fact) {
  v1::Fact good;
  good.set_name(fact.name());
  for (const std::string& value : fact.values()) {
    if (value.empty() || value.size() > kMaxValueBytes) continue;
    if (good.values_size() == kMaxFactValues) break;
    good.add_values(value);
  }
  return good;
}

}  // namespace

bool AgentAttributes::Knows(std::string_view attribute) const {
  if (IsBuiltIn(attribute) || IsFact(attribute)) return true;
  const std::string name(attribute);
  return std::any_of(agents_.begin(), agents_.end(), [&](const auto& agent) {
    const storage::v1::JournaledAgent& stored = agent.second.stored;
    return stored.labels().contains(name) ||
           stored.attributes().labels().contains(name) ||
           !ValuesOf(agent.first, attribute).empty();
  });
}

std::vector<std::string> AgentAttributes::ValuesOf(
    const std::string& target, std::string_view attribute) const {
  const auto found = agents_.find(target);
  if (found == agents_.end()) return {};
  const AgentEntry& entry = found->second;
  if (attribute == "online") return {entry.session != 0 ? "yes" : "no"};
  const v1::HostAttributes& host = entry.stored.attributes();
  for (const v1::Fact& fact : host.facts()) {
    if (fact.name() == attribute) {
      return {fact.values().begin(), fact.values().end()};
    }
  }
  for (const auto* labels : {&entry.stored.labels(), &host.labels()}) {
    const auto label = labels->find(std::string(attribute));
    if (label != labels->end()) return {label->second};
  }
  return {};
}

std::vector<std::string> AgentAttributes::Names() const {
  std::vector<std::string> names(kFactNames.begin(), kFactNames.end());
  names.insert(names.end(), kBuiltInAttributes.begin(),
               kBuiltInAttributes.end());
  for (const auto& [agent, entry] : agents_) {
    for (const auto* labels :
         {&entry.stored.labels(), &entry.stored.attributes().labels()}) {
      for (const auto& [name, value] : *labels) names.push_back(name);
    }
  }
  SortUnique(names);
  return names;
}

v1::HostAttributes GoodAttributes(const v1::HostAttributes& attributes) {
  v1::HostAttributes good;
  for (const auto& [name, value] : attributes.labels()) {
    if (good.labels().size() == kMaxLabels) break;
    if (!CheckLabel(name, value).ok()) continue;
    (*good.mutable_labels())[name] = value;
  }
  for (const v1::Fact& fact : attributes.facts()) {
    if (!IsFact(fact.name()) || Has(good, fact.name())) continue;
    v1::Fact kept = GoodFact(fact);
    if (kept.values_size() > 0) *good.add_facts() = std::move(kept);
  }
  return good;
}

}  // namespace tutti::controller
