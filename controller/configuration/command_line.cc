#include "controller/configuration/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "common/base/errors.h"
#include "controller/configuration/controller_settings.h"

namespace tutti::controller {
namespace {

constexpr char kRunExamples[] = R"(
The settings above are keys of controller.yaml as well; a flag wins.
SIGTERM ends it in an orderly way, SIGHUP makes it read its settings again.

Examples:
  tutti-controller run --dir /etc/tutti-controller
  tutti-controller run --config /etc/tutti-controller/controller.yaml --check-config
  tutti-controller --dir ~/fleet --listen 127.0.0.1:0 --port-file ~/fleet/port
)";

constexpr char kInitExamples[] = R"(
Makes DIR with the authorities, controller.yaml, DIR/local for a runner on this
host itself, and a first operator in DIR/operators, which the controller does
not need: move it to a safe place.

Examples:
  tutti-controller init --fleet prod --dir /etc/tutti-controller
  tutti-controller init --fleet demo --dir ~/fleet --listen 127.0.0.1:7117 \
    --controllers localhost:7117 --operator alice
)";

constexpr char kMainExamples[] = R"(
Examples:
  tutti-controller init --fleet demo --dir ~/fleet
  tutti-controller run --dir ~/fleet
  tutti-controller COMMAND --help
)";

// As the parser fills it.
struct Parsed {
  RunCommand run;
  InitCommand init;
  std::vector<std::string> controllers;
};

CLI::App& AddRun(CLI::App& app, Parsed& parsed) {
  CLI::App& run = *app.add_subcommand("run", "Run the controller (default)");
  AddServiceFlags(run, "controller.yaml", DescribeSettings(), parsed.run.flags);
  run.footer(kRunExamples);
  return run;
}

CLI::App& AddInit(CLI::App& app, Parsed& parsed) {
  CLI::App& init = *app.add_subcommand("init", "Make a new fleet");
  init.add_option("--fleet", parsed.init.fleet,
                  "Name of the fleet: a-z, 0-9 and -, at most 63")
      ->type_name("NAME")
      ->required();
  init.add_option("--dir", parsed.init.directory, "Folder to make")
      ->type_name("DIR")
      ->required();
  AddRepeatable(
      init, "--listen", parsed.init.options.listen,
      "Address and port to listen on. Repeatable. Default: [::]:7117.")
      ->type_name("ADDRESS:PORT");
  AddRepeatable(
      init, "--controllers", parsed.controllers,
      "Where agents and operators find it, with commas. Default: made from "
      "--listen and this host's name.")
      ->type_name("HOST:PORT,...");
  init.add_option("--operator", parsed.init.options.operator_name,
                  "Name of the first operator. Default: admin.")
      ->type_name("NAME");
  init.footer(kInitExamples);
  return init;
}

std::vector<std::string> SplitAtCommas(const std::vector<std::string>& lists) {
  std::vector<std::string> items;
  for (const std::string& list : lists) {
    size_t begin = 0;
    while (begin <= list.size()) {
      const size_t end = std::min(list.find(',', begin), list.size());
      if (end > begin) items.push_back(list.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  return items;
}

absl::StatusOr<ControllerCommand> FinishRun(Parsed parsed) {
  if (parsed.run.flags.configuration_path.empty()) {
    return InvalidArgument(
        "which fleet? give --dir DIR, the folder that 'tutti-controller init' "
        "made, or --config FILE");
  }
  return std::move(parsed.run);
}

// The word run may be left out.
std::vector<std::string> WithCommand(std::vector<std::string> arguments) {
  const bool names_command =
      !arguments.empty() &&
      (!arguments[0].starts_with('-') || arguments[0] == "--help" ||
       arguments[0] == "-h" || arguments[0] == "--version");
  if (!names_command) arguments.insert(arguments.begin(), "run");
  return arguments;
}

}  // namespace

absl::StatusOr<ControllerCommand> ParseCommandLine(
    const std::vector<std::string>& arguments) {
  const std::string version = "tutti-controller " TUTTI_VERSION "\n";
  Parsed parsed;
  CLI::App app("The controller of a Tutti fleet", "tutti-controller");
  app.require_subcommand(1);
  app.footer(kMainExamples);
  app.set_version_flag("--version", version.substr(0, version.size() - 1),
                       "Print the version");
  const CLI::App& run = AddRun(app, parsed);
  const CLI::App& init = AddInit(app, parsed);
  app.add_subcommand("version", "Print the version");

  std::vector<std::string> reversed = WithCommand(arguments);
  const auto named = [&](const CLI::App* command) {
    return command->get_name() == reversed[0];
  };
  if (!reversed[0].starts_with('-') && app.get_subcommands(named).empty()) {
    return InvalidArgument(
        "unknown command '{}'; use init, run or version, see "
        "tutti-controller --help",
        reversed[0]);
  }
  std::reverse(reversed.begin(), reversed.end());
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    return PrintCommand{app.help()};
  } catch (const CLI::CallForVersion&) {
    return PrintCommand{version};
  } catch (const CLI::Error& error) {
    return InvalidArgument("{}; see tutti-controller --help", error.what());
  }
  if (run.parsed()) return FinishRun(std::move(parsed));
  if (!init.parsed()) return PrintCommand{version};
  parsed.init.options.controllers = SplitAtCommas(parsed.controllers);
  return std::move(parsed.init);
}

}  // namespace tutti::controller
