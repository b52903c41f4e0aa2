// `run`: one command on many targets.
#ifndef CONTROLLER_CLI_RUN_RUN_H_
#define CONTROLLER_CLI_RUN_RUN_H_

#include "controller/cli/command.h"

namespace tutti::cli {

void AddRun(CLI::App& root, Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_RUN_H_
