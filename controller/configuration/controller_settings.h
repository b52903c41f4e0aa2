// What can be set about a controller: controller.yaml and the flags.
#ifndef CONTROLLER_CONFIGURATION_CONTROLLER_SETTINGS_H_
#define CONTROLLER_CONFIGURATION_CONTROLLER_SETTINGS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/configuration/settings.h"
#include "controller/core/core.h"

namespace tutti::controller {

struct ControllerSettings {
  std::vector<std::string> listen = {"[::]:7117"};
  // Of the fleet's files, as `tutti-controller init` made it.
  std::string directory;
  // Gets the port that the first address is bound to; empty: none.
  std::string port_file;
  // Empty: none. What stands in it is in `core`.
  std::string groups_file;
  // Of the runner for local jobs; empty: none.
  std::string local_runner_socket;
  CoreSettings core;
  // Bytes of the packs that copy jobs put in place.
  uint64_t contents_limit = 20ull << 30;
  absl::Duration certificate_life = absl::Hours(24 * 30);
  std::string log_level = "info";
};

// Keys of controller.yaml, each of which is also a flag.
std::vector<SettingDescription> DescribeSettings();

// Reads the file, lays the flags over it, and reads the file of groups. Every
// mistake is named with its line and key, or its flag. `directory` is the
// file's folder unless it is set, and the local runner's socket that of
// DIR/local.
absl::StatusOr<ControllerSettings> LoadControllerSettings(
    const std::string& path, const SettingOverrides& overrides);

}  // namespace tutti::controller

#endif  // CONTROLLER_CONFIGURATION_CONTROLLER_SETTINGS_H_
