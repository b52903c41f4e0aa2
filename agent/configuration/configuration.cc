#include "agent/configuration/configuration.h"

#include <filesystem>
#include <utility>

#include "common/base/address.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/configuration/yaml_file.h"
#include "common/identity/enrolled_target.h"
#include "common/targets/attributes.h"

namespace tutti::agent {
namespace {

using Values = SettingValues;

absl::Status CheckControllers(const std::vector<std::string>& controllers) {
  if (controllers.empty()) {
    return InvalidArgument("no controller is given; name one as host:port");
  }
  for (const std::string& controller : controllers) {
    TUTTI_ASSIGN_OR_RETURN(const Address address, ParseAddress(controller));
    if (address.port == 0) {
      return InvalidArgument("'{}' has port 0; give the controller's port",
                             controller);
    }
  }
  return absl::OkStatus();
}

constexpr Setting<Configuration> kSettings[] = {
    {{"controllers", "HOST:PORT",
      "Controller, instead of those of the join token; tried in turn. "
      "Repeatable.",
      SettingForm::kList, "controller"},
     [](const Values& values, Configuration& configuration) {
       configuration.controllers = values;
       return CheckControllers(values);
     }},
    {{"trust_directory", "DIR",
      "Folder of target.yaml and the authorities. Default: DIR/trust.",
      SettingForm::kPath},
     SetText<Configuration, &Configuration::trust_directory>},
    {{"identity_directory", "DIR",
      "Folder of the agent's certificate and key. Default: DIR/identity.",
      SettingForm::kPath},
     SetText<Configuration, &Configuration::identity_directory>},
    {{"state_directory", "DIR",
      "Folder that agent and runner share. Default: /var/lib/tutti for "
      "/etc/tutti, otherwise DIR/state.",
      SettingForm::kPath},
     SetText<Configuration, &Configuration::state_directory>},
    {{"runner_socket", "FILE",
      "The runner's socket. Default: runner.sock in the state directory.",
      SettingForm::kPath},
     SetText<Configuration, &Configuration::runner_socket>},
    {{"log_level", "LEVEL", "debug, info, warning or error. Default: info."},
     [](const Values& values, Configuration& configuration) {
       return SetLogLevel(values[0], configuration.log_level);
     }},
    {{"labels", "NAME=VALUE", "Label of this host. Repeatable.",
      SettingForm::kMap, "label"},
     [](const Values& values, Configuration& configuration) {
       TUTTI_RETURN_IF_ERROR(SetNamedValues(values, configuration.labels));
       for (const auto& [name, value] : configuration.labels) {
         TUTTI_RETURN_IF_ERROR(CheckLabel(name, value));
       }
       return absl::OkStatus();
     }},
};

}  // namespace

std::vector<SettingDescription> DescribeSettings() {
  return Describe(kSettings);
}

absl::StatusOr<Configuration> LoadConfiguration(
    const std::string& path, const SettingOverrides& overrides) {
  Configuration configuration;
  TUTTI_ASSIGN_OR_RETURN(YamlMap map, LoadTargetSettings(path));
  TUTTI_RETURN_IF_ERROR(
      ReadSettings(kSettings, path, map, overrides, configuration));
  SetDefaultPaths(path, configuration.trust_directory,
                  configuration.state_directory, configuration.runner_socket);
  if (configuration.identity_directory.empty()) {
    configuration.identity_directory =
        std::filesystem::absolute(path).lexically_normal().parent_path() /
        "identity";
  }
  TUTTI_ASSIGN_OR_RETURN(EnrolledTarget target,
                         LoadEnrolledTarget(configuration.trust_directory));
  configuration.fleet = std::move(target.fleet);
  configuration.name = std::move(target.name);
  if (configuration.controllers.empty()) {
    configuration.controllers = std::move(target.controllers);
  }
  TUTTI_RETURN_IF_ERROR(CheckControllers(configuration.controllers));
  return configuration;
}

}  // namespace tutti::agent
