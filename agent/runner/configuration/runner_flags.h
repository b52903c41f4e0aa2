// The command line of tutti-runner.
#ifndef AGENT_RUNNER_CONFIGURATION_RUNNER_FLAGS_H_
#define AGENT_RUNNER_CONFIGURATION_RUNNER_FLAGS_H_

#include <optional>
#include <string>

#include "common/command_line/flags.h"

namespace tutti::runner {

struct RunnerCommand {
  ServiceFlags flags;
  bool version = false;
};

struct ParsedRunnerCommand {
  // Empty: help was shown, or the arguments are wrong, which has been said.
  std::optional<RunnerCommand> command;
  int exit_status = 0;
};
ParsedRunnerCommand ParseRunnerCommand(int argc, const char* const* argv);

}  // namespace tutti::runner

#endif  // AGENT_RUNNER_CONFIGURATION_RUNNER_FLAGS_H_
