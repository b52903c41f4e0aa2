// `job retry`: some tasks of a job again.
#ifndef CONTROLLER_CLI_RUN_RETRY_H_
#define CONTROLLER_CLI_RUN_RETRY_H_

#include "controller/cli/command.h"

namespace tutti::cli {

void AddJobRetry(CLI::App& job, Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_RETRY_H_
