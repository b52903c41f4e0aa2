#include "controller/cli/agent/description.h"

#include <vector>

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

LabelMap EffectiveLabels(const v1::Agent& agent) {
  LabelMap labels = agent.attributes().labels();
  for (const auto& [name, value] : agent.labels()) labels[name] = value;
  return labels;
}

Json AgentToJson(const v1::Agent& agent) {
  Json facts = Json::object();
  for (const v1::Fact& fact : agent.attributes().facts()) {
    facts[fact.name()] =
        std::vector<std::string>(fact.values().begin(), fact.values().end());
  }
  Json json = {
      {"name", agent.name()},
      {"online", agent.online()},
      {"last_seen", TimeToJson(ToTime(agent.last_seen()))},
      {"version", TextOrNull(agent.agent_version())},
      {"host_name", TextOrNull(agent.host_name())},
      {"operating_system", TextOrNull(agent.operating_system())},
      {"address", TextOrNull(agent.address())},
      {"labels", LabelsToJson(EffectiveLabels(agent))},
      {"own_labels", LabelsToJson(agent.attributes().labels())},
      {"running", agent.running()},
      {"enrolled_at", TimeToJson(ToTime(agent.enrolled_at()))},
      {"certificate_expires_at",
       TimeToJson(ToTime(agent.certificate_expires_at()))},
      {"token_id", TextOrNull(agent.token_id())},
  };
  if (!facts.empty()) json["facts"] = std::move(facts);
  return json;
}

absl::StatusOr<v1::Agent> FindAgent(Connection& connection,
                                    const std::string& name) {
  TUTTI_RETURN_IF_ERROR(ValidateName(name));
  v1::ListAgentsRequest request;
  request.add_expressions(name);
  request.set_facts(true);
  const absl::StatusOr<v1::ListAgentsResponse> response =
      connection.Call(&v1::AgentRegistryService::Stub::ListAgents, request);
  if (absl::IsInvalidArgument(response.status())) {
    return NotFound("{}", TextOf(response.status()));
  }
  TUTTI_RETURN_IF_ERROR(response.status());
  if (response->agents_size() != 1 || response->agents(0).name() != name) {
    return Internal(
        "the controller answered with other agents than '{}'; use "
        "programs of the same version",
        name);
  }
  return response->agents(0);
}

}  // namespace tutti::cli
