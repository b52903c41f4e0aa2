#include "controller/registry/agent_attributes.h"

#include <algorithm>

#include "common/base/log.h"
#include "common/targets/attributes.h"
#include "common/targets/node_set.h"

namespace tutti::controller {
namespace {

constexpr size_t kMaxFactBytes = 4 << 10;

bool IsBuiltIn(std::string_view attribute) {
  return std::find(kBuiltInAttributes.begin(), kBuiltInAttributes.end(),
                   attribute) != kBuiltInAttributes.end();
}

bool IsGood(const v1::Fact& fact) {
  return IsAttributeName(fact.name()) && !IsBuiltIn(fact.name()) &&
         fact.values_size() > 0 && fact.ByteSizeLong() <= kMaxFactBytes;
}

}  // namespace

bool AgentAttributes::Knows(std::string_view attribute) const {
  if (IsBuiltIn(attribute) || std::find(kFactNames.begin(), kFactNames.end(),
                                        attribute) != kFactNames.end()) {
    return true;
  }
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

v1::HostAttributes GoodAttributes(std::string_view agent,
                                  const v1::HostAttributes& attributes) {
  v1::HostAttributes good;
  size_t left_out = 0;
  for (const auto& [name, value] : attributes.labels()) {
    if (good.labels().size() < kMaxLabels && CheckLabel(name, value).ok()) {
      (*good.mutable_labels())[name] = value;
    } else {
      ++left_out;
    }
  }
  for (const v1::Fact& fact : attributes.facts()) {
    if (good.facts_size() < kMaxFacts && IsGood(fact)) {
      *good.add_facts() = fact;
    } else {
      ++left_out;
    }
  }
  if (left_out > 0) {
    log::Warning(
        "agent {} sent {} labels or facts that are too many, too long or badly "
        "named; they are left out",
        agent, left_out);
  }
  return good;
}

}  // namespace tutti::controller
