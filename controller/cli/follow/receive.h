// `job receive`: the output of a job, from the beginning, as often as wanted.
#ifndef CONTROLLER_CLI_FOLLOW_RECEIVE_H_
#define CONTROLLER_CLI_FOLLOW_RECEIVE_H_

#include "controller/cli/command.h"

namespace tutti::cli {

void AddJobReceive(CLI::App& job, Context& context);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_RECEIVE_H_
