#include "controller/cli/app/version.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/duration.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "tutti/v1/fleet.grpc.pb.h"

namespace tutti::cli {
namespace {

std::string ControllerText(const v1::GetControllerResponse& response,
                           const std::string& address, absl::Time now) {
  return fmt::format(
      "controller {} at {}, fleet {}, started {}, {} of {} agents online\n",
      response.version(), address, response.fleet(),
      AgoText(ToTime(response.started_at()), now), response.agents_online(),
      response.agents());
}

Json ControllerToJson(const v1::GetControllerResponse& response,
                      const std::string& address) {
  return {
      {"version", response.version()},
      {"address", address},
      {"fleet", response.fleet()},
      {"started_at", TimeToJson(ToTime(response.started_at()))},
      {"agents", response.agents()},
      {"agents_online", response.agents_online()},
  };
}

absl::StatusOr<int> ShowVersion(bool controller, Context& context) {
  Record record = {"tutti",
                   TUTTI_VERSION,
                   {{"version", TUTTI_VERSION}},
                   "tutti " TUTTI_VERSION "\n"};
  if (controller) {
    TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
    TUTTI_ASSIGN_OR_RETURN(
        const v1::GetControllerResponse response,
        connection->Call(&v1::ControllerService::Stub::GetController, {}));
    record.data["controller"] =
        ControllerToJson(response, connection->address());
    record.text +=
        ControllerText(response, connection->address(), context.clock.Now());
  }
  Show(context, FormatRecord(record, context.output));
  return kExitOk;
}

}  // namespace

void AddVersion(CLI::App& root, Context& context) {
  auto controller = std::make_shared<bool>(false);
  CLI::App& verb =
      AddVerb(root, "version", "Show this program's version", context);
  verb.add_flag("--controller", *controller,
                "Also the controller's; the quickest test that it answers");
  AddOutputOption(verb, context, {"table", "json", "jsonl"});
  SetExamples(verb, {{"tutti version", ""},
                     {"tutti version --controller", "asks the controller"}});
  SetAction(verb, context, [controller](Context& context) {
    return ShowVersion(*controller, context);
  });
}

}  // namespace tutti::cli
