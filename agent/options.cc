#include "agent/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

namespace tutti::agent {
namespace {

constexpr int kUsageError = 2;

constexpr char kDescription[] =
    "The network side of a Tutti target: keeps a session with the controller "
    "and\npasses signed jobs to the runner. Without a command it runs.";

constexpr char kExamples[] =
    "Examples:\n"
    "  tutti-agent enroll --name web01 --token-file web01.token\n"
    "  tutti-agent run --dir /etc/tutti\n"
    "  tutti-agent --config /etc/tutti/agent.yaml --check-config";

constexpr char kEnrollExamples[] =
    "Examples:\n"
    "  tutti-agent enroll --name web01 --token-file web01.token\n"
    "  ssh web01 tutti-agent enroll < web01.token";

constexpr char kTokenOnCommandLine[] =
    "a join token is a secret, and everybody on this host can read the command "
    "line; give it with --token-file FILE, in TUTTI_TOKEN, or on standard "
    "input";

void AddRunOptions(CLI::App& app, RunOptions& options, std::string& directory) {
  ConfigurationFlags& flags = options.flags;
  auto* config = app.add_option("--config", options.configuration_path,
                                "Configuration file (agent.yaml)");
  config->capture_default_str();
  app.add_option("--dir", directory, "Folder of the agent; has agent.yaml")
      ->excludes(config);
  app.add_flag("--check-config", options.check_configuration,
               "Say what is wrong with the configuration, and end");
  app.add_option("--controllers,--controller", flags.controllers,
                 "Controller, as host:port; may be repeated")
      ->allow_extra_args(false);
  app.add_option("--trust-directory", flags.trust_directory,
                 "Folder of target.yaml and the authorities");
  app.add_option("--identity-directory", flags.identity_directory,
                 "Folder of the agent's certificate and key");
  app.add_option("--state-directory", flags.state_directory,
                 "Folder that agent and runner share");
  app.add_option("--runner-socket", flags.runner_socket, "The runner's socket");
  app.add_option("--log-level", flags.log_level,
                 "debug, info, warning or error");
  app.add_option("--labels,--label", flags.labels,
                 "Label of this host, NAME=VALUE; may be repeated")
      ->allow_extra_args(false);
}

void AddEnrollOptions(CLI::App& app, EnrollCommand& enroll,
                      std::vector<std::string>& tokens) {
  app.add_option("--dir", enroll.directory, "Folder to fill")
      ->capture_default_str();
  app.add_option("--name", enroll.name,
                 "Name of this target; default: the host's name");
  app.add_option("--token-file", enroll.token_file,
                 "File with the join token, - for standard input; default: "
                 "TUTTI_TOKEN in the environment, else standard input");
  // Taken only to say why they are not.
  app.add_option("--token", tokens)->group("");
  app.add_option("token", tokens)->group("");
  app.footer(kEnrollExamples);
}

int Refuse(const char* text) {
  std::fprintf(stderr, "tutti-agent: %s\n", text);
  return kUsageError;
}

}  // namespace

ParsedOptions ParseOptions(int argc, const char* const* argv) {
  RunOptions run;
  EnrollCommand enroll;
  std::string directory;
  std::vector<std::string> tokens;
  CLI::App app(kDescription, "tutti-agent");
  app.require_subcommand(0, 1);
  app.footer(kExamples);
  AddRunOptions(app, run, directory);
  CLI::App* run_command = app.add_subcommand("run", "Run as a service");
  AddRunOptions(*run_command, run, directory);
  run_command->footer(kExamples);
  CLI::App* enroll_command =
      app.add_subcommand("enroll", "Join a fleet with a join token");
  AddEnrollOptions(*enroll_command, enroll, tokens);
  CLI::App* version_command =
      app.add_subcommand("version", "Print the version");
  version_command->footer("Example:\n  tutti-agent version");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return {std::nullopt, app.exit(error)};
    return {
        std::nullopt,
        Refuse(
            fmt::format("{}; see tutti-agent --help", error.what()).c_str())};
  }
  if (!tokens.empty()) return {std::nullopt, Refuse(kTokenOnCommandLine)};
  if (enroll_command->parsed()) return {enroll, 0};
  if (version_command->parsed()) return {VersionCommand(), 0};
  if (!directory.empty()) run.configuration_path = directory + "/agent.yaml";
  return {run, 0};
}

}  // namespace tutti::agent
