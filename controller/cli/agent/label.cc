#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "common/base/errors.h"
#include "common/base/named_value.h"
#include "common/base/status_macros.h"
#include "common/targets/attributes.h"
#include "common/targets/target_expression.h"
#include "controller/cli/agent/agent.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/follow/wording.h"
#include "tutti/v1/fleet.grpc.pb.h"

namespace tutti::cli {
namespace {

// "role=web" sets, "role-" takes away.
absl::Status AddChange(const std::string& text,
                       v1::LabelAgentsRequest& request) {
  if (text.ends_with('-') && text.find('=') == std::string::npos) {
    const std::string name = text.substr(0, text.size() - 1);
    TUTTI_RETURN_IF_ERROR(CheckLabel(name, ""));
    request.add_remove(name);
    return absl::OkStatus();
  }
  const absl::StatusOr<NamedValue> label = ParseNamedValue(text);
  if (!label.ok()) {
    return InvalidArgument(
        "'{}' is no label; write NAME=VALUE to set one, NAME- to take one away",
        text);
  }
  TUTTI_RETURN_IF_ERROR(CheckLabel(label->name, label->value));
  if (!request.mutable_set()->insert({label->name, label->value}).second) {
    return InvalidArgument("label '{}' is given twice; give it once",
                           label->name);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::LabelAgentsRequest> MakeRequest(
    const std::vector<std::string>& words) {
  if (words.size() < 2) {
    return InvalidArgument(
        "no label is given; write NAME=VALUE to set one, NAME- to take one "
        "away, as in: tutti agent label {} role=web",
        words[0]);
  }
  TUTTI_RETURN_IF_ERROR(TargetExpression::Parse(words[0]).status());
  v1::LabelAgentsRequest request;
  request.add_expressions(words[0]);
  for (size_t i = 1; i < words.size(); ++i) {
    TUTTI_RETURN_IF_ERROR(AddChange(words[i], request));
  }
  for (const std::string& name : request.remove()) {
    if (!request.set().contains(name)) continue;
    return InvalidArgument(
        "label '{}' is set and taken away at once; do one of them", name);
  }
  return request;
}

absl::StatusOr<int> LabelAgents(const std::vector<std::string>& words,
                                Context& context) {
  TUTTI_ASSIGN_OR_RETURN(const v1::LabelAgentsRequest request,
                         MakeRequest(words));
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(
      const v1::LabelAgentsResponse response,
      connection->Call(&v1::AgentRegistryService::Stub::LabelAgents, request));
  Show(context,
       fmt::format("labelled {}: {}\n", Counted(response.count(), "agent"),
                   response.agents()));
  return kExitOk;
}

}  // namespace

void AddAgentLabel(CLI::App& agent, Context& context) {
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App& verb = AddVerb(agent, "label",
                           "Set labels of agents, or take them away", context);
  AddPositionals(verb, "TARGETS LABEL...", *words,
                 "A target expression, then NAME=VALUE to set a label, NAME- "
                 "to take one away")
      ->required();
  SetExamples(verb, {{"tutti agent label 'web[01-20]' role=web rack=7", ""},
                     {"tutti agent label 'role=web' rack-", ""}});
  SetAction(verb, context,
            [words](Context& context) { return LabelAgents(*words, context); });
}

}  // namespace tutti::cli
