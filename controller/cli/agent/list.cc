#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/duration.h"
#include "controller/cli/agent/agent.h"
#include "controller/cli/agent/description.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/labels.h"
#include "tutti/v1/fleet.grpc.pb.h"

namespace tutti::cli {
namespace {

Listing MakeListing(const v1::ListAgentsResponse& response, absl::Time now) {
  using Shown = Column::Shown;
  Listing listing("agents", "name",
                  {
                      {"NAME", "name"},
                      {"STATE", "online"},
                      {"SEEN", "last_seen"},
                      {"RUNNING", "running", Shown::kAlways, /*right=*/true},
                      {"VERSION", "version"},
                      {"SYSTEM", "operating_system"},
                      {"HOST", "host_name", Shown::kWide},
                      {"ADDRESS", "address", Shown::kWide},
                      {"ENROLLED", "enrolled_at", Shown::kWide},
                      {"CERTIFICATE", "certificate_expires_at", Shown::kWide},
                      {"TOKEN", "token_id", Shown::kData},
                      {"LABELS", "labels"},
                  });
  for (const v1::Agent& agent : response.agents()) {
    const Json data = AgentToJson(agent);
    const auto cell = [&data](const char* key, std::string text) {
      return Cell{std::move(text), data[key]};
    };
    listing.Add({
        Cell::Text(agent.name()),
        {agent.online() ? "online" : "offline", agent.online(),
         agent.online() ? Style::kGreen : Style::kYellow},
        cell("last_seen", LastSeenText(agent, now)),
        Cell::Number(agent.running()),
        cell("version", agent.agent_version()),
        cell("operating_system", agent.operating_system()),
        cell("host_name", agent.host_name()),
        cell("address", agent.address()),
        Cell::Time(ToTime(agent.enrolled_at()), now),
        Cell::Time(ToTime(agent.certificate_expires_at()), now),
        cell("token_id", ""),
        cell("labels", LabelsText(EffectiveLabels(agent))),
    });
  }
  return listing;
}

absl::StatusOr<int> ListAgents(const std::vector<std::string>& expressions,
                               Context& context) {
  v1::ListAgentsRequest request;
  for (const std::string& expression : expressions) {
    request.add_expressions(expression);
  }
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(
      const v1::ListAgentsResponse response,
      connection->Call(&v1::AgentRegistryService::Stub::ListAgents, request));
  ShowListing(context, MakeListing(response, context.clock.Now()),
              expressions.empty()
                  ? "no agents yet; `tutti token create` makes a token with "
                    "which a target joins"
                  : "no such agents; `tutti agent list` shows all of them");
  return kExitOk;
}

}  // namespace

void AddAgentList(CLI::App& agent, Context& context) {
  auto expressions = std::make_shared<std::vector<std::string>>();
  CLI::App& verb = AddVerb(agent, "list", "List agents by name", context);
  verb.alias("ls");
  AddPositionals(verb, "TARGETS", *expressions,
                 "Only these: names, wildcards, lists, ranges; united");
  AddOutputOption(verb, context);
  SetExamples(verb, {{"tutti agent list", ""},
                     {"tutti agent list 'web*' db1 -o wide", ""},
                     {"tutti agent list -o names", "for a shell loop"}});
  SetAction(verb, context, [expressions](Context& context) {
    return ListAgents(*expressions, context);
  });
}

}  // namespace tutti::cli
