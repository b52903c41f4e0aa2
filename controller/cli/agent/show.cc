#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_join.h"
#include "common/base/duration.h"
#include "controller/cli/agent/agent.h"
#include "controller/cli/agent/description.h"
#include "controller/cli/connection.h"
#include "controller/cli/exit_status.h"
#include "controller/cli/follow/wording.h"
#include "controller/cli/labels.h"

namespace tutti::cli {
namespace {

std::string AgentCard(const v1::Agent& agent, absl::Time now, bool color) {
  Card card(color);
  card.Add("Agent", agent.name());
  if (agent.online()) {
    card.Add("State", fmt::format("online, from {}", agent.address()),
             Style::kGreen);
  } else {
    card.Add("State", "offline, " + LastSeen(ToTime(agent.last_seen()), now),
             Style::kYellow);
  }
  card.Add("Host", agent.host_name());
  card.Add("System", agent.operating_system());
  card.Add("Version", agent.agent_version());
  card.Add("Running", agent.running() == 0
                          ? "nothing"
                          : Counted(agent.running(), "attempt"));
  card.Add("Labels", LabelsText(EffectiveLabels(agent)));
  card.Add("Own labels", LabelsText(agent.attributes().labels()));
  card.Add(
      "Enrolled",
      fmt::format(
          "{}{}", AgoText(ToTime(agent.enrolled_at()), now),
          agent.token_id().empty() ? "" : " with token " + agent.token_id()));
  card.Add("Certificate",
           fmt::format("ends {}",
                       AgoText(ToTime(agent.certificate_expires_at()), now)));
  for (const v1::Fact& fact : agent.attributes().facts()) {
    card.Add(fact.name(), absl::StrJoin(fact.values(), " "));
  }
  return card.Format();
}

absl::StatusOr<int> ShowAgent(const std::string& name, Context& context) {
  TUTTI_ASSIGN_OR_RETURN(auto connection, Connection::Open(context));
  TUTTI_ASSIGN_OR_RETURN(const v1::Agent agent, FindAgent(*connection, name));
  const absl::Time now = context.clock.Now();
  Show(context,
       FormatRecord({"agent", agent.name(), AgentToJson(agent),
                     AgentCard(agent, now, context.terminal.OutputHasColor())},
                    context.output));
  return kExitOk;
}

}  // namespace

void AddAgentShow(CLI::App& agent, Context& context) {
  auto name = std::make_shared<std::string>();
  CLI::App& verb = AddVerb(agent, "show", "Show one agent", context);
  verb.add_option("NAME", *name, "Name of the agent")->required();
  AddOutputOption(verb, context);
  SetExamples(verb, {{"tutti agent show web01", ""},
                     {"tutti agent show web01 -o json", ""}});
  SetAction(verb, context,
            [name](Context& context) { return ShowAgent(*name, context); });
}

}  // namespace tutti::cli
