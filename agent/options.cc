#include "agent/options.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "agent/configuration/configuration.h"

namespace tutti::agent {
namespace {

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

void AddEnrollOptions(CLI::App& app, EnrollCommand& enroll,
                      std::vector<std::string>& tokens) {
  app.add_option("--dir", enroll.directory, "Folder to fill")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--name", enroll.name,
                 "Name of this target; default: the host's name")
      ->type_name("NAME");
  app.add_option("--token-file", enroll.token_file,
                 "File with the join token, - for standard input; default: "
                 "TUTTI_TOKEN in the environment, else standard input")
      ->type_name("FILE");
  // Taken only to say why they are not.
  app.add_option("--token", tokens)->group("");
  app.add_option("token", tokens)->group("");
  app.footer(kEnrollExamples);
}

}  // namespace

ParsedOptions ParseOptions(int argc, const char* const* argv) {
  RunCommand run;
  run.flags.configuration_path = "/etc/tutti/agent.yaml";
  EnrollCommand enroll;
  std::vector<std::string> tokens;
  CLI::App app(kDescription, "tutti-agent");
  app.require_subcommand(0, 1);
  app.footer(kExamples);
  bool version = false;
  app.add_flag("--version", version, "Print the version");
  CLI::App* run_command = app.add_subcommand("run", "Run as a service");
  run_command->footer(kExamples);
  for (CLI::App* place : {&app, run_command}) {
    AddServiceFlags(*place, "agent.yaml", DescribeSettings(), run.flags);
  }
  CLI::App* enroll_command =
      app.add_subcommand("enroll", "Join a fleet with a join token");
  AddEnrollOptions(*enroll_command, enroll, tokens);
  CLI::App* version_command =
      app.add_subcommand("version", "Print the version");
  version_command->footer("Example:\n  tutti-agent version");
  if (const auto status = ParseOrExplain(app, argc, argv); status.has_value()) {
    return {std::nullopt, *status};
  }
  if (!tokens.empty()) {
    std::fprintf(stderr, "tutti-agent: %s\n", kTokenOnCommandLine);
    return {std::nullopt, kServiceMisused};
  }
  if (enroll_command->parsed()) return {enroll, 0};
  if (version || version_command->parsed()) return {VersionCommand(), 0};
  return {run, 0};
}

}  // namespace tutti::agent
