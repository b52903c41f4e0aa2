// `tutti query`.
#ifndef CONTROLLER_CLI_RUN_QUERY_H_
#define CONTROLLER_CLI_RUN_QUERY_H_

#include "controller/cli/command.h"

namespace tutti::cli {

void AddQuery(CLI::App& root, Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_QUERY_H_
