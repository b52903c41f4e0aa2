#include "agent/configuration/configuration.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/address.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/configuration/yaml_file.h"
#include "common/identity/identity.h"

namespace tutti::agent {
namespace {

constexpr std::string_view kSystemDirectory = "/etc/tutti";
constexpr std::string_view kSystemState = "/var/lib/tutti";

std::string Resolve(const std::filesystem::path& directory,
                    const std::string& path) {
  return (directory / path).lexically_normal().string();
}

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

absl::Status CheckLogLevel(std::string_view level) {
  for (const char* known : {"debug", "info", "warning", "error"}) {
    if (level == known) return absl::OkStatus();
  }
  return InvalidArgument(
      "unknown log level '{}'; use debug, info, warning or error", level);
}

absl::Status LoadTarget(Configuration& configuration,
                        std::vector<std::string>& controllers) {
  const std::string path = configuration.trust_directory + "/target.yaml";
  absl::StatusOr<YamlMap> map = YamlMap::Load(path);
  if (absl::IsNotFound(map.status())) {
    return FailedPrecondition(
        "this host is not enrolled ({} is missing); run tutti-agent enroll "
        "with a join token",
        path);
  }
  if (!map.ok()) return map.status();
  map->Get("fleet", configuration.fleet);
  map->Get("name", configuration.name);
  map->Get("controllers", controllers);
  for (const char* key : {"fleet", "name", "controllers"}) map->Require(key);
  TUTTI_RETURN_IF_ERROR(map->Finish());
  TUTTI_RETURN_IF_ERROR(ValidateFleetName(configuration.fleet));
  return ValidateName(configuration.name);
}

absl::Status ReadAgentFile(const std::string& path,
                           Configuration& configuration) {
  absl::StatusOr<YamlMap> map = YamlMap::Load(path);
  if (absl::IsNotFound(map.status())) {
    return FailedPrecondition(
        "there is no {}; run tutti-agent enroll with a join token, or give "
        "--dir or --config",
        path);
  }
  if (!map.ok()) return map.status();
  if (map->Get("controllers", configuration.controllers)) {
    const absl::Status status = CheckControllers(configuration.controllers);
    if (!status.ok()) map->AddMistake("controllers", TextOf(status));
  }
  map->Get("trust_directory", configuration.trust_directory);
  map->Get("identity_directory", configuration.identity_directory);
  map->Get("state_directory", configuration.state_directory);
  map->Get("runner_socket", configuration.runner_socket);
  if (map->Get("log_level", configuration.log_level)) {
    const absl::Status status = CheckLogLevel(configuration.log_level);
    if (!status.ok()) map->AddMistake("log_level", TextOf(status));
  }
  map->Get("labels", configuration.labels);
  return map->Finish();
}

absl::Status ApplyLabels(const std::vector<std::string>& labels,
                         Configuration& configuration) {
  for (const std::string& label : labels) {
    const size_t equals = label.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return InvalidArgument("--label '{}' is not of the form NAME=VALUE",
                             label);
    }
    configuration.labels[label.substr(0, equals)] = label.substr(equals + 1);
  }
  return absl::OkStatus();
}

absl::Status ApplyFlags(const ConfigurationFlags& flags,
                        Configuration& configuration) {
  const auto take = [](const std::optional<std::string>& flag,
                       std::string& value) {
    if (flag.has_value()) value = std::filesystem::absolute(*flag).string();
  };
  take(flags.trust_directory, configuration.trust_directory);
  take(flags.identity_directory, configuration.identity_directory);
  take(flags.state_directory, configuration.state_directory);
  take(flags.runner_socket, configuration.runner_socket);
  if (flags.log_level.has_value()) {
    TUTTI_RETURN_IF_ERROR(CheckLogLevel(*flags.log_level));
    configuration.log_level = *flags.log_level;
  }
  if (!flags.controllers.empty()) {
    configuration.controllers = flags.controllers;
  }
  return ApplyLabels(flags.labels, configuration);
}

void ApplyDefaults(const std::filesystem::path& directory,
                   Configuration& configuration) {
  const auto path = [&](std::string& value, std::string_view otherwise) {
    value = Resolve(directory, value.empty() ? std::string(otherwise) : value);
  };
  path(configuration.trust_directory, "trust");
  path(configuration.identity_directory, "identity");
  path(configuration.state_directory,
       directory == kSystemDirectory ? kSystemState : "state");
  path(configuration.runner_socket,
       configuration.state_directory + "/runner.sock");
}

}  // namespace

absl::StatusOr<Configuration> LoadConfiguration(
    const std::string& path, const ConfigurationFlags& flags) {
  Configuration configuration;
  TUTTI_RETURN_IF_ERROR(ReadAgentFile(path, configuration));
  TUTTI_RETURN_IF_ERROR(ApplyFlags(flags, configuration));
  const std::filesystem::path directory =
      std::filesystem::absolute(path).lexically_normal().parent_path();
  ApplyDefaults(directory, configuration);
  std::vector<std::string> controllers;
  TUTTI_RETURN_IF_ERROR(LoadTarget(configuration, controllers));
  if (configuration.controllers.empty()) {
    configuration.controllers = std::move(controllers);
  }
  TUTTI_RETURN_IF_ERROR(CheckControllers(configuration.controllers));
  return configuration;
}

}  // namespace tutti::agent
