// Labels and facts of the enrolled agents.
#ifndef CONTROLLER_REGISTRY_AGENT_ATTRIBUTES_H_
#define CONTROLLER_REGISTRY_AGENT_ATTRIBUTES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/targets/target_expression.h"
#include "controller/journal/journal.h"

namespace tutti::controller {

// More an agent can not have.
inline constexpr int kMaxLabels = 64;

// An enrolled agent.
struct AgentEntry {
  std::string name;
  std::string key_fingerprint;
  storage::v1::JournaledAgent stored;
  // 0 when offline.
  uint64_t session = 0;
  std::string address;
};
using AgentEntries = std::map<std::string, AgentEntry, std::less<>>;

// What a host says about itself is no more than that: a label of the
// controller goes before one of the same name that the agent has given itself.
// Not thread-safe.
class AgentAttributes final : public AttributeSource {
 public:
  // `agents` must outlive it.
  explicit AgentAttributes(const AgentEntries& agents) : agents_(agents) {}

  bool Knows(std::string_view attribute) const override;
  std::vector<std::string> ValuesOf(const std::string& target,
                                    std::string_view attribute) const override;
  // Labels that agents have, and the facts, sorted.
  std::vector<std::string> Names() const;

 private:
  const AgentEntries& agents_;
};

// Without bad labels, facts that this version does not know, values that are
// too long, and what is too many.
v1::HostAttributes GoodAttributes(const v1::HostAttributes& attributes);

}  // namespace tutti::controller

#endif  // CONTROLLER_REGISTRY_AGENT_ATTRIBUTES_H_
