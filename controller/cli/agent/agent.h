// Verbs of the noun `agent`.
#ifndef CONTROLLER_CLI_AGENT_AGENT_H_
#define CONTROLLER_CLI_AGENT_AGENT_H_

#include "controller/cli/command.h"

namespace tutti::cli {

void AddAgentList(CLI::App& agent, Context& context);
void AddAgentShow(CLI::App& agent, Context& context);
void AddAgentLabel(CLI::App& agent, Context& context);
void AddAgentRemove(CLI::App& agent, Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_AGENT_AGENT_H_
