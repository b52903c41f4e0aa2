// `tutti version`.
#ifndef CONTROLLER_CLI_APP_VERSION_H_
#define CONTROLLER_CLI_APP_VERSION_H_

#include "controller/cli/command.h"

namespace tutti::cli {

void AddVersion(CLI::App& root, Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_APP_VERSION_H_
