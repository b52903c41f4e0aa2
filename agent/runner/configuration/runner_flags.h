// The command line of tutti-runner.
#ifndef AGENT_RUNNER_CONFIGURATION_RUNNER_FLAGS_H_
#define AGENT_RUNNER_CONFIGURATION_RUNNER_FLAGS_H_

#include <optional>
#include <string>

#include "agent/runner/configuration/runner_configuration.h"

namespace tutti::runner {

struct RunnerCommand {
  std::string configuration_path = "/etc/tutti/runner.yaml";
  RunnerFlags flags;
  // Say what is wrong with the configuration, and end.
  bool check_configuration = false;
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
