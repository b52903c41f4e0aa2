#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/status_macros.h"
#include "common/targets/target_expression.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/group/group.h"
#include "controller/cli/group/name.h"
#include "controller/cli/target/names.h"
#include "tutti/v1/groups.grpc.pb.h"

namespace tutti::cli {
namespace {

struct SetOptions {
  std::string name;
  std::vector<std::string> words;
};

absl::StatusOr<int> SetGroup(const SetOptions& options, Context& context) {
  v1::SetGroupRequest request;
  TUTTI_ASSIGN_OR_RETURN(*request.mutable_name(), GroupNameOf(options.name));
  TUTTI_ASSIGN_OR_RETURN(const std::vector<std::string> expressions,
                         TakeExpressions(options.words));
  TUTTI_RETURN_IF_ERROR(TargetExpression::ParseUnited(expressions).status());
  request.set_expression(Unite(expressions));
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(
      const v1::SetGroupResponse response,
      connection->Call(&v1::GroupService::Stub::SetGroup, request));
  Show(context,
       fmt::format("{} group @{}\n", response.created() ? "made" : "changed",
                   request.name()));
  return kExitOk;
}

}  // namespace

void AddGroupSet(CLI::App& group, Context& context) {
  auto options = std::make_shared<SetOptions>();
  CLI::App& verb = AddVerb(
      group, "set", "Make a group, or change what it stands for", context);
  AddGroupName(verb, options->name);
  AddExpressions(verb, options->words);
  SetExamples(verb,
              {{"tutti group set web 'web*,role=frontend'", ""},
               {"tutti group set spare '@web!web[01-20]'", "groups of groups"},
               {"tutti agent list -o names | tutti group set today -", ""}});
  SetAction(verb, context, [options](Context& context) {
    return SetGroup(*options, context);
  });
}

}  // namespace tutti::cli
