// Verbs of the noun `group`: names for target expressions.
#ifndef CONTROLLER_CLI_GROUP_GROUP_H_
#define CONTROLLER_CLI_GROUP_GROUP_H_

#include "controller/cli/command.h"

namespace tutti::cli {

void AddGroupList(CLI::App& group, Context& context);
void AddGroupShow(CLI::App& group, Context& context);
void AddGroupSet(CLI::App& group, Context& context);
void AddGroupRemove(CLI::App& group, Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_GROUP_GROUP_H_
