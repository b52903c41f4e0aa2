#include "agent/runner/configuration/runner_flags.h"

#include <CLI/CLI.hpp>

#include "agent/runner/configuration/runner_configuration.h"

namespace tutti::runner {
namespace {

constexpr char kDescription[] =
    "The privileged side of a Tutti target: checks signed jobs, starts them, "
    "and\nkeeps their output until the agent has sent it. Listens on a Unix "
    "socket alone.";

constexpr char kExamples[] =
    "Examples:\n"
    "  tutti-runner\n"
    "  tutti-runner --dir /etc/tutti --default-user nobody\n"
    "  tutti-runner --config /etc/tutti/runner.yaml --check-config";

}  // namespace

ParsedRunnerCommand ParseRunnerCommand(int argc, const char* const* argv) {
  RunnerCommand command;
  command.flags.configuration_path = "/etc/tutti/runner.yaml";
  CLI::App app(kDescription, "tutti-runner");
  app.footer(kExamples);
  AddServiceFlags(app, "runner.yaml", DescribeRunnerSettings(), command.flags);
  app.add_flag("--version", command.version, "Print the version");
  if (const auto status = ParseOrExplain(app, argc, argv); status.has_value()) {
    return {std::nullopt, *status};
  }
  return {command, 0};
}

}  // namespace tutti::runner
