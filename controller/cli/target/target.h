// Verbs of the noun `target`: what expressions mean. Those that need no fleet
// ask no controller.
#ifndef CONTROLLER_CLI_TARGET_TARGET_H_
#define CONTROLLER_CLI_TARGET_TARGET_H_

#include "controller/cli/command.h"

namespace tutti::cli {

void AddTargetExpand(CLI::App& target, Context& context);
void AddTargetFold(CLI::App& target, Context& context);
void AddTargetCount(CLI::App& target, Context& context);
void AddTargetExplain(CLI::App& target, Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_TARGET_TARGET_H_
