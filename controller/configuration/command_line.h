// The command line of tutti-controller.
#ifndef CONTROLLER_CONFIGURATION_COMMAND_LINE_H_
#define CONTROLLER_CONFIGURATION_COMMAND_LINE_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "common/command_line/flags.h"
#include "controller/enrollment/fleet_init.h"

namespace tutti::controller {

// tutti-controller [run] --config FILE | --dir DIR
struct RunCommand {
  ServiceFlags flags;
};

// tutti-controller init --fleet NAME --dir DIR
struct InitCommand {
  std::string fleet;
  std::string directory;
  FleetOptions options;
};

// --help and version: a text for standard output.
struct PrintCommand {
  std::string text;
};

using ControllerCommand = std::variant<RunCommand, InitCommand, PrintCommand>;

// INVALID_ARGUMENT says what is wrong, and where help is.
absl::StatusOr<ControllerCommand> ParseCommandLine(
    const std::vector<std::string>& arguments);

}  // namespace tutti::controller

#endif  // CONTROLLER_CONFIGURATION_COMMAND_LINE_H_
