#include "controller/configuration/controller_settings.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "common/base/address.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/configuration/yaml_file.h"
#include "controller/groups/groups_file.h"

namespace tutti::controller {
namespace {

using Values = SettingValues;

// In the fleet's folder. A path that was set is absolute.
constexpr std::string_view kDefaultSocket = "local/state/runner.sock";

absl::Status SetListen(const Values& values, ControllerSettings& settings) {
  if (values.empty()) {
    return InvalidArgument("no address; use [::]:7117 for all");
  }
  for (const std::string& value : values) {
    TUTTI_RETURN_IF_ERROR(ParseAddress(value).status());
  }
  settings.listen = values;
  return absl::OkStatus();
}

absl::Status SetOperatorMaxTargets(const Values& values,
                                   ControllerSettings& settings) {
  std::map<std::string, std::string> texts;
  TUTTI_RETURN_IF_ERROR(SetNamedValues(values, texts));
  for (const auto& [name, text] : texts) {
    const absl::Status set =
        SetCount(text, 0, settings.core.operator_max_targets[name]);
    if (!set.ok()) return WithPrefix(name, set);
  }
  return absl::OkStatus();
}

constexpr Setting<ControllerSettings> kSettings[] = {
    {{"listen", "ADDRESS:PORT",
      "Address and port to listen on, [::] for all, port 0 for any. "
      "Repeatable.",
      SettingForm::kList},
     SetListen},
    {{"directory", "DIR", "Folder of the fleet. Default: the file's folder.",
      SettingForm::kPath},
     SetText<ControllerSettings, &ControllerSettings::directory>},
    {{"port_file", "FILE", "Write the port that was bound to this file.",
      SettingForm::kPath},
     SetText<ControllerSettings, &ControllerSettings::port_file>},
    {{"task_output_budget", "SIZE",
      "Output of one task that is kept in memory. Default: 64MiB."},
     [](const Values& values, ControllerSettings& settings) {
       return SetSize(values[0], 4096, settings.core.task_output_budget);
     }},
    {{"total_output_budget", "SIZE",
      "Output that is kept in memory in all. Default: 1GiB."},
     [](const Values& values, ControllerSettings& settings) {
       return SetSize(values[0], 1 << 20, settings.core.total_output_budget);
     }},
    {{"default_fanout", "N",
      "Targets of a job at once when it does not say; 0: all. Default: 0."},
     [](const Values& values, ControllerSettings& settings) {
       return SetCount(values[0], 0, settings.core.default_fanout);
     }},
    {{"max_targets", "N",
      "Targets of one job at most; 0: any number. Default: 0."},
     [](const Values& values, ControllerSettings& settings) {
       return SetCount(values[0], 0, settings.core.max_targets);
     }},
    {{"operator_max_targets", "NAME=N",
      "Targets of one job of this operator at most, instead of max_targets. "
      "Repeatable.",
      SettingForm::kMap},
     SetOperatorMaxTargets},
    {{"offline_grace", "DURATION",
      "How long a job waits for a target that was seen a moment ago. "
      "Default: 30s."},
     [](const Values& values, ControllerSettings& settings) {
       return SetDuration(values[0], absl::ZeroDuration(),
                          settings.core.offline_grace);
     }},
    {{"lost_final", "DURATION",
      "A task whose link is lost for so long is UNKNOWN. Default: 24h."},
     [](const Values& values, ControllerSettings& settings) {
       return SetDuration(values[0], absl::Seconds(1),
                          settings.core.lost_final);
     }},
    {{"job_retention", "DURATION",
      "How long a finished job is kept. Default: 30d."},
     [](const Values& values, ControllerSettings& settings) {
       return SetDuration(values[0], absl::Seconds(1),
                          settings.core.job_retention);
     }},
    {{"max_jobs", "N", "How many jobs are kept. Default: 10000."},
     [](const Values& values, ControllerSettings& settings) {
       return SetCount(values[0], 1, settings.core.max_jobs);
     }},
    {{"max_tasks", "N",
      "How many tasks all jobs may have in all. Default: 2000000."},
     [](const Values& values, ControllerSettings& settings) {
       return SetCount(values[0], 1, settings.core.max_tasks);
     }},
    {{"contents_limit", "SIZE",
      "How much the files of copy jobs may take on the disk. Default: 20GiB."},
     [](const Values& values, ControllerSettings& settings) {
       return SetSize(values[0], 1 << 20, settings.contents_limit);
     }},
    {{"groups_file", "FILE",
      "YAML file of groups of targets, NAME: EXPRESSION.", SettingForm::kPath},
     SetText<ControllerSettings, &ControllerSettings::groups_file>},
    {{"local_runner_socket", "FILE",
      "Socket of the runner for local jobs; empty: none. Default: "
      "local/state/runner.sock in the directory.",
      SettingForm::kPath},
     SetText<ControllerSettings, &ControllerSettings::local_runner_socket>},
    {{"certificate_life", "DURATION",
      "Life of the agents' and the controller's certificates. Default: 30d."},
     [](const Values& values, ControllerSettings& settings) {
       return SetDuration(values[0], absl::Seconds(10),
                          settings.certificate_life);
     }},
    {{"log_level", "LEVEL", "debug, info, warning or error. Default: info."},
     [](const Values& values, ControllerSettings& settings) {
       return SetLogLevel(values[0], settings.log_level);
     }},
};

}  // namespace

std::vector<SettingDescription> DescribeSettings() {
  return Describe(kSettings);
}

absl::StatusOr<ControllerSettings> LoadControllerSettings(
    const std::string& path, const SettingOverrides& overrides) {
  ControllerSettings settings;
  settings.local_runner_socket = kDefaultSocket;
  TUTTI_ASSIGN_OR_RETURN(YamlMap map, YamlMap::Load(path));
  TUTTI_RETURN_IF_ERROR(
      ReadSettings(kSettings, path, map, overrides, settings));
  if (settings.directory.empty()) {
    settings.directory = std::filesystem::absolute(path).parent_path();
  }
  if (settings.local_runner_socket == kDefaultSocket) {
    settings.local_runner_socket =
        settings.directory + "/" + std::string(kDefaultSocket);
  }
  std::error_code error;
  if (!std::filesystem::is_directory(settings.directory, error)) {
    return InvalidArgument(
        "{}: key 'directory': there is no folder {}; correct the path, or make "
        "a fleet there with tutti-controller init",
        path, settings.directory);
  }
  if (!settings.groups_file.empty()) {
    TUTTI_ASSIGN_OR_RETURN(settings.core.file_groups,
                           ReadGroupsFile(settings.groups_file));
  }
  return settings;
}

}  // namespace tutti::controller
