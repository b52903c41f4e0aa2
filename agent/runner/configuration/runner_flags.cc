#include "agent/runner/configuration/runner_flags.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

namespace tutti::runner {
namespace {

constexpr int kUsageError = 2;

constexpr char kDescription[] =
    "The privileged side of a Tutti target: checks signed jobs, starts them, "
    "and\nkeeps their output until the agent has sent it. Listens on a Unix "
    "socket alone.";

constexpr char kExamples[] =
    "Examples:\n"
    "  tutti-runner\n"
    "  tutti-runner --dir /etc/tutti --default-user nobody\n"
    "  tutti-runner --config /etc/tutti/runner.yaml --check-config";

void AddFlags(CLI::App& app, RunnerFlags& flags) {
  app.add_option("--trust-directory", flags.trust_directory,
                 "Folder of target.yaml and the operators' authority");
  app.add_option("--state-directory", flags.state_directory,
                 "Folder of socket, spool and ledger");
  app.add_option("--socket", flags.socket,
                 "Socket for the agent; default: runner.sock in the state "
                 "directory");
  app.add_option("--spool-task-limit", flags.spool_task_limit,
                 "Output kept of one task until it is sent, as in 1GiB");
  app.add_option("--spool-limit", flags.spool_limit,
                 "Output kept of all tasks, as in 8GiB");
  app.add_option("--spool-policy", flags.spool_policy,
                 "When that is full: block (the command waits) or drop (the "
                 "oldest output goes)");
  app.add_option("--retention", flags.retention,
                 "How long output is kept that the controller has, as in 24h");
  app.add_option("--default-user", flags.default_user,
                 "User of jobs that name none; default: the runner's own");
  app.add_option("--environment", flags.environment,
                 "NAME=VALUE for every job; may be repeated")
      ->allow_extra_args(false);
  app.add_option("--agent-user", flags.agent_user,
                 "User the agent runs as; default: the runner's own");
  app.add_option("--log-level", flags.log_level,
                 "debug, info, warning or error");
}

}  // namespace

ParsedRunnerCommand ParseRunnerCommand(int argc, const char* const* argv) {
  RunnerCommand command;
  std::string directory;
  CLI::App app(kDescription, "tutti-runner");
  app.footer(kExamples);
  auto* config = app.add_option("--config", command.configuration_path,
                                "Configuration file (runner.yaml)");
  config->capture_default_str();
  app.add_option("--dir", directory,
                 "Folder of the target; has runner.yaml and trust/")
      ->excludes(config);
  app.add_flag("--check-config", command.check_configuration,
               "Say what is wrong with the configuration, and end");
  app.add_flag("--version", command.version, "Print the version");
  AddFlags(app, command.flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return {std::nullopt, app.exit(error)};
    std::fprintf(stderr, "tutti-runner: %s; see tutti-runner --help\n",
                 error.what());
    return {std::nullopt, kUsageError};
  }
  if (!directory.empty()) {
    command.configuration_path = directory + "/runner.yaml";
  }
  return {command, 0};
}

}  // namespace tutti::runner
