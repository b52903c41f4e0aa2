#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/status_macros.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/group/group.h"
#include "controller/cli/group/name.h"
#include "tutti/v1/groups.grpc.pb.h"

namespace tutti::cli {
namespace {

absl::StatusOr<int> RemoveGroup(const std::string& word, Context& context) {
  v1::RemoveGroupRequest request;
  TUTTI_ASSIGN_OR_RETURN(*request.mutable_name(), GroupNameOf(word));
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_RETURN_IF_ERROR(
      connection->Call(&v1::GroupService::Stub::RemoveGroup, request).status());
  Show(context, fmt::format("removed group @{}\n", request.name()));
  return kExitOk;
}

}  // namespace

void AddGroupRemove(CLI::App& group, Context& context) {
  auto word = std::make_shared<std::string>();
  CLI::App& verb = AddVerb(
      group, "remove", "Forget a group; its targets stay as they are", context);
  verb.alias("rm");
  AddGroupName(verb, *word);
  SetExamples(verb, {{"tutti group remove spare", ""}});
  SetAction(verb, context,
            [word](Context& context) { return RemoveGroup(*word, context); });
}

}  // namespace tutti::cli
