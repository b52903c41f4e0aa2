// `tutti shell`.
#ifndef CONTROLLER_CLI_RUN_SHELL_H_
#define CONTROLLER_CLI_RUN_SHELL_H_

#include "controller/cli/command.h"

namespace tutti::cli {

void AddShell(CLI::App& root, Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_SHELL_H_
