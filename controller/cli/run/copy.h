// `tutti copy`.
#ifndef CONTROLLER_CLI_RUN_COPY_H_
#define CONTROLLER_CLI_RUN_COPY_H_

#include "controller/cli/command.h"

namespace tutti::cli {

void AddCopy(CLI::App& root, Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_COPY_H_
