#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/errors.h"
#include "common/identity/identity.h"
#include "controller/cli/agent/agent.h"
#include "controller/cli/agent/description.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "tutti/v1/fleet.grpc.pb.h"

namespace tutti::cli {
namespace {

struct RemoveOptions {
  std::string name;
  bool yes = false;
};

// False when whoever sits at the terminal thinks better of it.
absl::StatusOr<bool> Confirmed(const std::string& name, Connection& connection,
                               Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const v1::Agent agent, FindAgent(connection, name));
  return context.terminal.Confirm(fmt::format(
      "Remove {} ({}) from the fleet? Its certificate is refused from now on.",
      agent.name(), agent.online() ? "online" : "offline"));
}

absl::StatusOr<int> RemoveAgent(const RemoveOptions& options,
                                Context& context) {
  TUTTI_RETURN_IF_ERROR(ValidateName(options.name));
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  if (!options.yes && context.terminal.CanAsk()) {
    TUTTI_ASSIGN_OR_RETURN(const bool confirmed,
                           Confirmed(options.name, *connection, context));
    if (!confirmed) {
      Warn(context, "nothing was removed");
      return kExitUsage;
    }
  }
  v1::RemoveAgentRequest request;
  request.set_name(options.name);
  TUTTI_RETURN_IF_ERROR(
      connection->Call(&v1::AgentRegistryService::Stub::RemoveAgent, request)
          .status());
  Show(context, fmt::format("removed {}; the name can be enrolled again\n",
                            options.name));
  return kExitOk;
}

}  // namespace

void AddAgentRemove(CLI::App& agent, Context& context) {
  auto options = std::make_shared<RemoveOptions>();
  CLI::App& verb =
      AddVerb(agent, "remove", "Take an agent out of the fleet", context);
  verb.alias("rm");
  verb.add_option("NAME", options->name, "Name of the agent")->required();
  verb.add_flag("-y,--yes", options->yes, "Do not ask");
  SetExamples(verb, {{"tutti agent remove web01", "asks on a terminal"},
                     {"tutti agent remove -y web01", ""}});
  SetAction(verb, context, [options](Context& context) {
    return RemoveAgent(*options, context);
  });
}

}  // namespace tutti::cli
