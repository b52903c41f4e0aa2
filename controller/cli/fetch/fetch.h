#ifndef CONTROLLER_CLI_FETCH_FETCH_H_
#define CONTROLLER_CLI_FETCH_FETCH_H_

#include "controller/cli/command.h"

namespace tutti::cli {

void AddFetch(CLI::App& root, Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FETCH_FETCH_H_
