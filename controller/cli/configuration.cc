#include "controller/cli/configuration.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/escaping.h"
#include "common/base/address.h"
#include "common/base/errors.h"
#include "common/base/file_descriptor.h"
#include "common/base/status_macros.h"
#include "common/configuration/yaml_file.h"

namespace tutti::cli {
namespace {

// See kDelegationVariable.
constexpr char kPassVariable[] = "TUTTI_DELEGATION";

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

// `path` as seen from the folder of the configuration.
std::string Resolve(const std::string& configuration, const std::string& path) {
  if (path.empty()) return path;
  const auto folder = std::filesystem::path(configuration).parent_path();
  return (folder / path).lexically_normal().string();
}

void CheckController(const std::string& text, YamlMap& map) {
  const absl::StatusOr<Address> address = ParseAddress(text);
  if (!address.ok()) {
    map.AddMistake("controllers", TextOf(address.status()));
  } else if (address->port == 0) {
    map.AddMistake("controllers",
                   fmt::format("'{}' has port 0; write the one on which the "
                               "controller listens",
                               text));
  }
}

FleetConfiguration ReadFleet(YamlMap map, const std::string& path,
                             const std::string& name) {
  FleetConfiguration fleet;
  fleet.path = path;
  fleet.fleet = name;
  if (map.Get("controllers", fleet.controllers) && fleet.controllers.empty()) {
    map.AddMistake("controllers", "is empty; list at least one host:port");
  }
  for (const std::string& controller : fleet.controllers) {
    CheckController(controller, map);
  }
  map.Get("controller_authority", fleet.controller_authority);
  map.Get("operator_authority", fleet.operator_authority);
  map.Get("certificate", fleet.certificate);
  map.Get("key", fleet.key);
  for (const char* key : {"controllers", "controller_authority",
                          "operator_authority", "certificate", "key"}) {
    map.Require(key);
  }
  for (std::string* file :
       {&fleet.controller_authority, &fleet.operator_authority,
        &fleet.certificate, &fleet.key}) {
    *file = Resolve(path, *file);
  }
  return fleet;
}

// Which of `names` is meant.
absl::StatusOr<std::string> ChooseFleet(const GlobalOptions& options,
                                        const std::string& path,
                                        const std::string& default_fleet,
                                        const std::vector<std::string>& names) {
  if (names.empty()) {
    return InvalidArgument(
        "{} names no fleet; add one under 'fleets', see docs/configuration.md",
        path);
  }
  const std::string wanted =
      !options.fleet.empty() ? options.fleet : default_fleet;
  if (wanted.empty()) {
    if (names.size() == 1) return names.front();
    return InvalidArgument(
        "{} has several fleets and no default_fleet; choose with --fleet: {}",
        path, fmt::join(names, ", "));
  }
  if (std::find(names.begin(), names.end(), wanted) == names.end()) {
    return InvalidArgument("fleet '{}' is not in {}; {} {}", wanted, path,
                           options.fleet.empty()
                               ? "correct its default_fleet, there is"
                               : "--fleet can be",
                           fmt::join(names, ", "));
  }
  return wanted;
}

}  // namespace

absl::StatusOr<std::string> ConfigurationPath(const GlobalOptions& options) {
  if (!options.config.empty()) return options.config;
  if (std::string path = Environment("TUTTI_CONFIG"); !path.empty()) {
    return path;
  }
  std::string folder = Environment("XDG_CONFIG_HOME");
  if (folder.empty()) {
    const std::string home = Environment("HOME");
    if (home.empty()) {
      return NotFound(
          "no configuration: neither TUTTI_CONFIG nor HOME is set; give "
          "--config FILE");
    }
    folder = home + "/.config";
  }
  return folder + "/tutti/config.yaml";
}

absl::StatusOr<std::optional<v1::DelegationPass>> FindPass(
    const GlobalOptions& options) {
  const std::string text = Environment(kPassVariable);
  if (text.empty() || !options.config.empty()) return std::nullopt;
  v1::DelegationPass pass;
  std::string bytes;
  if (!absl::Base64Unescape({text.data(), text.size()}, &bytes) ||
      !pass.ParseFromString(bytes) || !ParseAddress(pass.controller()).ok() ||
      !pass.has_delegation()) {
    return InvalidArgument(
        "{} is damaged; leave it as it was when the job started, or unset it "
        "to use a configuration",
        kPassVariable);
  }
  if (!options.fleet.empty() && options.fleet != pass.fleet()) {
    return InvalidArgument(
        "fleet '{}' is not the one that this job may use; leave --fleet out, "
        "or give {}",
        options.fleet, pass.fleet());
  }
  return pass;
}

absl::StatusOr<FleetConfiguration> LoadFleet(const GlobalOptions& options) {
  TUTTI_ASSIGN_OR_RETURN(const auto pass, FindPass(options));
  if (pass.has_value()) {
    FleetConfiguration fleet;
    fleet.path = kPassVariable;
    fleet.fleet = pass->fleet();
    fleet.controllers = {pass->controller()};
    return fleet;
  }
  TUTTI_ASSIGN_OR_RETURN(const std::string path, ConfigurationPath(options));
  auto loaded = YamlMap::Load(path);
  if (absl::IsNotFound(loaded.status())) {
    return NotFound(
        "no configuration at {}; set TUTTI_CONFIG or give --config with the "
        "config.yaml that `tutti-controller init` wrote to its operators "
        "folder",
        path);
  }
  TUTTI_RETURN_IF_ERROR(loaded.status());
  YamlMap map = *std::move(loaded);

  std::string default_fleet;
  map.Get("default_fleet", default_fleet);
  YamlMap fleets = map.GetMap("fleets");
  std::vector<FleetConfiguration> all;
  const std::vector<std::string> names = fleets.Keys();
  all.reserve(names.size());
  for (const std::string& name : names) {
    all.push_back(ReadFleet(fleets.GetMap(name), path, name));
  }
  TUTTI_RETURN_IF_ERROR(map.Finish());
  TUTTI_ASSIGN_OR_RETURN(const std::string chosen,
                         ChooseFleet(options, path, default_fleet, names));
  const auto position = std::find(names.begin(), names.end(), chosen);
  return all[position - names.begin()];
}

absl::Status CheckFiles(const FleetConfiguration& fleet) {
  const std::pair<const char*, const std::string&> files[] = {
      {"controller_authority", fleet.controller_authority},
      {"operator_authority", fleet.operator_authority},
      {"certificate", fleet.certificate},
      {"key", fleet.key},
  };
  for (const auto& [key, file] : files) {
    const FileDescriptor opened(open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (opened.valid()) continue;
    const absl::Status error = SystemError(errno, fmt::format("open {}", file));
    return absl::Status(
        error.code(),
        fmt::format("{}: key 'fleets.{}.{}': {}; correct the path, or put the "
                    "file there",
                    fleet.path, fleet.fleet, key, TextOf(error)));
  }
  return absl::OkStatus();
}

}  // namespace tutti::cli
