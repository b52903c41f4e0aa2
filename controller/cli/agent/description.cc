#include "controller/cli/agent/description.h"

#include <vector>

#include "common/base/closest.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "controller/cli/labels.h"
#include "tutti/v1/fleet.grpc.pb.h"

namespace tutti::cli {
namespace {

Json TextOrNull(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

}  // namespace

std::string LastSeenText(const v1::Agent& agent, absl::Time now) {
  return agent.online() ? "now" : AgoText(ToTime(agent.last_seen()), now);
}

Json AgentToJson(const v1::Agent& agent) {
  return {
      {"name", agent.name()},
      {"online", agent.online()},
      {"last_seen", TimeToJson(ToTime(agent.last_seen()))},
      {"version", TextOrNull(agent.agent_version())},
      {"host_name", TextOrNull(agent.host_name())},
      {"operating_system", TextOrNull(agent.operating_system())},
      {"address", TextOrNull(agent.address())},
      {"labels", LabelsToJson(agent.labels())},
      {"running", agent.running()},
      {"enrolled_at", TimeToJson(ToTime(agent.enrolled_at()))},
      {"certificate_expires_at",
       TimeToJson(ToTime(agent.certificate_expires_at()))},
      {"token_id", TextOrNull(agent.token_id())},
  };
}

absl::StatusOr<v1::Agent> FindAgent(Connection& connection,
                                    const std::string& name) {
  TUTTI_RETURN_IF_ERROR(ValidateName(name));
  // All of them rather than the one: a fleet's list is small, and a name that
  // nobody has wants the nearest one beside it.
  TUTTI_ASSIGN_OR_RETURN(
      const v1::ListAgentsResponse response,
      connection.Call(&v1::AgentRegistryService::Stub::ListAgents, {}));
  std::vector<std::string> names;
  for (const v1::Agent& agent : response.agents()) {
    if (agent.name() == name) return agent;
    names.push_back(agent.name());
  }
  const auto closest = Closest(name, names);
  return NotFound("no agent has the name '{}'; {}", name,
                  closest ? fmt::format("did you mean '{}'?", *closest)
                          : "`tutti agent list` shows them all");
}

}  // namespace tutti::cli
