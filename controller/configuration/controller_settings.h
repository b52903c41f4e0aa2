// What can be set about a controller: controller.yaml and the flags.
#ifndef CONTROLLER_CONFIGURATION_CONTROLLER_SETTINGS_H_
#define CONTROLLER_CONFIGURATION_CONTROLLER_SETTINGS_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/core/core.h"

namespace tutti::controller {

struct ControllerSettings {
  std::vector<std::string> listen = {"[::]:7117"};
  // Of the fleet's files, as `tutti-controller init` made it.
  std::string directory;
  // Gets the port that the first address is bound to; empty: none.
  std::string port_file;
  CoreSettings core;
  absl::Duration certificate_life = absl::Hours(24 * 30);
  std::string log_level = "info";
};

// A key of the file, which is a flag as well: "max_jobs" and --max-jobs.
struct SettingDescription {
  std::string key;
  // What the value is: "SIZE".
  std::string type;
  std::string help;
  // Takes several values.
  bool repeatable = false;
};

std::vector<SettingDescription> DescribeSettings();

// "--max-jobs" of "max_jobs".
std::string FlagOf(std::string_view key);

// Values by key, as flags gave them.
using SettingOverrides = std::map<std::string, std::vector<std::string>>;

// Reads the file and lays the flags over it. Every mistake is named with its
// line and key, or its flag. `directory` is the file's folder unless it is
// set; relative paths in the file are relative to that folder.
absl::StatusOr<ControllerSettings> LoadControllerSettings(
    const std::string& path, const SettingOverrides& overrides);

}  // namespace tutti::controller

#endif  // CONTROLLER_CONFIGURATION_CONTROLLER_SETTINGS_H_
