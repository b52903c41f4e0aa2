#include "controller/configuration/controller_settings.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>
#include <utility>

#include "common/base/address.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/configuration/yaml_file.h"

namespace tutti::controller {
namespace {

using Values = std::vector<std::string>;

struct Setting {
  const char* key;
  const char* type;
  const char* help;
  absl::Status (*set)(const Values& values, ControllerSettings& settings);
  bool repeatable = false;
};

absl::Status SetSize(const std::string& text, uint64_t least, uint64_t& bytes) {
  TUTTI_ASSIGN_OR_RETURN(const uint64_t size, ParseSize(text));
  if (size < least) {
    return InvalidArgument("{} is too little; use at least {}", text,
                           FormatSize(least));
  }
  bytes = size;
  return absl::OkStatus();
}

absl::Status SetDuration(const std::string& text, absl::Duration least,
                         absl::Duration& duration) {
  TUTTI_ASSIGN_OR_RETURN(const absl::Duration parsed, ParseDuration(text));
  if (parsed < least) {
    return InvalidArgument("{} is too short; use at least {}", text,
                           tutti::FormatDuration(least));
  }
  duration = parsed;
  return absl::OkStatus();
}

absl::Status SetCount(const std::string& text, uint32_t least,
                      uint32_t& count) {
  uint32_t parsed = 0;
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, parsed);
  if (result.ec != std::errc() || result.ptr != end || parsed < least) {
    return InvalidArgument("'{}' is not a number; use {} to {}", text, least,
                           std::numeric_limits<uint32_t>::max());
  }
  count = parsed;
  return absl::OkStatus();
}

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

absl::Status SetLogLevel(const Values& values, ControllerSettings& settings) {
  for (const char* level : {"debug", "info", "warning", "error"}) {
    if (values[0] == level) {
      settings.log_level = level;
      return absl::OkStatus();
    }
  }
  return InvalidArgument("'{}' is no level; use debug, info, warning or error",
                         values[0]);
}

constexpr Setting kSettings[] = {
    {"listen", "ADDRESS:PORT",
     "Address and port to listen on, [::] for all, port 0 for any. Repeatable.",
     SetListen, true},
    {"directory", "DIR", "Folder of the fleet. Default: the file's folder.",
     [](const Values& values, ControllerSettings& settings) {
       settings.directory = values[0];
       return absl::OkStatus();
     }},
    {"port_file", "FILE", "Write the port that was bound to this file.",
     [](const Values& values, ControllerSettings& settings) {
       settings.port_file = values[0];
       return absl::OkStatus();
     }},
    {"task_output_budget", "SIZE",
     "Output of one task that is kept in memory. Default: 64MiB.",
     [](const Values& values, ControllerSettings& settings) {
       return SetSize(values[0], 4096, settings.core.task_output_budget);
     }},
    {"total_output_budget", "SIZE",
     "Output that is kept in memory in all. Default: 1GiB.",
     [](const Values& values, ControllerSettings& settings) {
       return SetSize(values[0], 1 << 20, settings.core.total_output_budget);
     }},
    {"default_fanout", "N",
     "Targets of a job at once when it does not say; 0: all. Default: 0.",
     [](const Values& values, ControllerSettings& settings) {
       return SetCount(values[0], 0, settings.core.default_fanout);
     }},
    {"offline_grace", "DURATION",
     "How long a job waits for a target that was seen a moment ago. "
     "Default: 30s.",
     [](const Values& values, ControllerSettings& settings) {
       return SetDuration(values[0], absl::ZeroDuration(),
                          settings.core.offline_grace);
     }},
    {"lost_final", "DURATION",
     "A task whose link is lost for so long is UNKNOWN. Default: 24h.",
     [](const Values& values, ControllerSettings& settings) {
       return SetDuration(values[0], absl::Seconds(1),
                          settings.core.lost_final);
     }},
    {"job_retention", "DURATION",
     "How long a finished job is kept. Default: 30d.",
     [](const Values& values, ControllerSettings& settings) {
       return SetDuration(values[0], absl::Seconds(1),
                          settings.core.job_retention);
     }},
    {"max_jobs", "N", "How many jobs are kept. Default: 10000.",
     [](const Values& values, ControllerSettings& settings) {
       return SetCount(values[0], 1, settings.core.max_jobs);
     }},
    {"certificate_life", "DURATION",
     "Life of the agents' and the controller's certificates. Default: 30d.",
     [](const Values& values, ControllerSettings& settings) {
       return SetDuration(values[0], absl::Seconds(10),
                          settings.certificate_life);
     }},
    {"log_level", "LEVEL", "debug, info, warning or error. Default: info.",
     SetLogLevel},
};

void ReadFile(YamlMap& map, ControllerSettings& settings) {
  for (const Setting& setting : kSettings) {
    Values values;
    if (!map.Get(setting.key, values)) continue;
    if (values.empty() || (values.size() > 1 && !setting.repeatable)) {
      map.AddMistake(setting.key, "takes one value");
      continue;
    }
    const absl::Status status = setting.set(values, settings);
    if (!status.ok()) map.AddMistake(setting.key, TextOf(status));
  }
}

absl::Status ApplyOverrides(const SettingOverrides& overrides,
                            ControllerSettings& settings) {
  for (const Setting& setting : kSettings) {
    const auto found = overrides.find(setting.key);
    if (found == overrides.end()) continue;
    const absl::Status status = setting.set(found->second, settings);
    if (!status.ok()) return WithPrefix(FlagOf(setting.key), status);
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<SettingDescription> DescribeSettings() {
  std::vector<SettingDescription> descriptions;
  for (const Setting& setting : kSettings) {
    descriptions.push_back(SettingDescription{
        setting.key, setting.type, setting.help, setting.repeatable});
  }
  return descriptions;
}

std::string FlagOf(std::string_view key) {
  std::string flag = "--";
  flag += key;
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

absl::StatusOr<ControllerSettings> LoadControllerSettings(
    const std::string& path, const SettingOverrides& overrides) {
  const std::filesystem::path folder =
      std::filesystem::absolute(path).parent_path();
  ControllerSettings settings;
  settings.directory = folder;
  TUTTI_ASSIGN_OR_RETURN(YamlMap map, YamlMap::Load(path));
  ReadFile(map, settings);
  TUTTI_RETURN_IF_ERROR(map.Finish());
  settings.directory = folder / settings.directory;
  if (!settings.port_file.empty()) {
    settings.port_file = folder / settings.port_file;
  }
  TUTTI_RETURN_IF_ERROR(ApplyOverrides(overrides, settings));
  return settings;
}

}  // namespace tutti::controller
