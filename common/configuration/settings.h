// Settings of a service: each is a key of its YAML file and a flag of its
// command line, and the flag wins.
#ifndef COMMON_CONFIGURATION_SETTINGS_H_
#define COMMON_CONFIGURATION_SETTINGS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/configuration/yaml_file.h"

namespace tutti {

enum class SettingForm {
  kValue,
  // A file or folder: relative to the folder of the YAML file, or, as a flag,
  // to the working directory.
  kPath,
  // Several values; the flag is repeatable.
  kList,
  // Values by name: a mapping in the file. The flag is repeatable and takes
  // NAME=VALUE.
  kMap,
};

struct SettingDescription {
  // "max_jobs", which makes the flag --max-jobs.
  const char* key;
  // What the value is: "SIZE".
  const char* type;
  const char* help;
  SettingForm form = SettingForm::kValue;
  // A second name of the flag, which says that it takes one of several:
  // "label" for "labels".
  const char* singular = nullptr;
};

// One value, or those of a list; of a map each as "NAME=VALUE".
using SettingValues = std::vector<std::string>;

// What flags gave, by key. A key without values was not given.
using SettingOverrides = std::map<std::string, SettingValues>;

// One row of a service's table.
template <typename Settings>
struct Setting {
  SettingDescription description;
  // Paths are absolute by now, or empty.
  absl::Status (*set)(const SettingValues& values, Settings& settings);
};

// "--max-jobs" of "max_jobs".
std::string FlagOf(std::string_view key);

// What `map`, which was read from `path`, says of a setting.
std::optional<SettingValues> ReadSetting(const SettingDescription& setting,
                                         const std::string& path, YamlMap& map);
// What the flags say of it.
std::optional<SettingValues> ReadOverride(const SettingDescription& setting,
                                          const SettingOverrides& overrides);

// Lays the file and then the flags over `settings`. Every mistake is named
// with its line and key, or its flag.
template <typename Settings, size_t kCount>
absl::Status ReadSettings(const Setting<Settings> (&table)[kCount],
                          const std::string& path, YamlMap& map,
                          const SettingOverrides& overrides,
                          Settings& settings) {
  for (const Setting<Settings>& setting : table) {
    const auto values = ReadSetting(setting.description, path, map);
    if (!values.has_value()) continue;
    const absl::Status status = setting.set(*values, settings);
    if (!status.ok()) {
      map.AddMistake(setting.description.key, TextOf(status));
    }
  }
  TUTTI_RETURN_IF_ERROR(map.Finish());
  for (const Setting<Settings>& setting : table) {
    const auto values = ReadOverride(setting.description, overrides);
    if (!values.has_value()) continue;
    const absl::Status status = setting.set(*values, settings);
    if (!status.ok()) {
      return WithPrefix(FlagOf(setting.description.key), status);
    }
  }
  return absl::OkStatus();
}

template <typename Settings, size_t kCount>
std::vector<SettingDescription> Describe(
    const Setting<Settings> (&table)[kCount]) {
  std::vector<SettingDescription> descriptions;
  for (const Setting<Settings>& setting : table) {
    descriptions.push_back(setting.description);
  }
  return descriptions;
}

// For a setting that is a text of any kind.
template <typename Settings, std::string Settings::*member>
absl::Status SetText(const SettingValues& values, Settings& settings) {
  settings.*member = values[0];
  return absl::OkStatus();
}

// Each takes a value as it is written, or says what is wrong with it.
absl::Status SetSize(const std::string& text, uint64_t least, uint64_t& bytes);
absl::Status SetDuration(const std::string& text, absl::Duration least,
                         absl::Duration& duration);
absl::Status SetCount(const std::string& text, uint32_t least, uint32_t& count);
absl::Status SetLogLevel(const std::string& text, std::string& level);
// Adds to `map`, in which a name that is there already gets the new value.
absl::Status SetNamedValues(const SettingValues& values,
                            std::map<std::string, std::string>& map);

}  // namespace tutti

#endif  // COMMON_CONFIGURATION_SETTINGS_H_
