#include "common/configuration/settings.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>

#include "common/base/duration.h"
#include "common/base/log.h"
#include "common/base/named_value.h"

namespace tutti {
namespace {

std::optional<SettingValues> ReadMap(const SettingDescription& setting,
                                     YamlMap& map) {
  std::map<std::string, std::string> entries;
  if (!map.Get(setting.key, entries)) return std::nullopt;
  SettingValues values;
  for (const auto& [name, value] : entries) {
    if (name.empty() || name.find('=') != std::string::npos) {
      map.AddMistake(setting.key,
                     fmt::format("'{}' is no name; use one without '='", name));
      return std::nullopt;
    }
    values.push_back(fmt::format("{}={}", name, value));
  }
  return values;
}

}  // namespace

std::string FlagOf(std::string_view key) {
  std::string flag = fmt::format("--{}", key);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

std::optional<SettingValues> ReadSetting(const SettingDescription& setting,
                                         const std::string& path,
                                         YamlMap& map) {
  if (setting.form == SettingForm::kMap) return ReadMap(setting, map);
  if (setting.form == SettingForm::kList) {
    SettingValues values;
    return map.Get(setting.key, values) ? std::optional(values) : std::nullopt;
  }
  std::string value;
  if (!map.Get(setting.key, value)) return std::nullopt;
  if (setting.form == SettingForm::kPath && !value.empty()) {
    const auto folder = std::filesystem::absolute(path).parent_path();
    value = (folder / value).lexically_normal().string();
  }
  return SettingValues{value};
}

std::optional<SettingValues> ReadOverride(const SettingDescription& setting,
                                          const SettingOverrides& overrides) {
  const auto found = overrides.find(setting.key);
  if (found == overrides.end() || found->second.empty()) return std::nullopt;
  SettingValues values = found->second;
  if (setting.form == SettingForm::kPath && !values[0].empty()) {
    values[0] =
        std::filesystem::absolute(values[0]).lexically_normal().string();
  }
  return values;
}

absl::Status SetSize(const std::string& text, uint64_t least, uint64_t& bytes) {
  TUTTI_ASSIGN_OR_RETURN(const uint64_t size, ParseSize(text));
  if (size < least) {
    return InvalidArgument("{} is too small; use at least {}", text,
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

absl::Status SetLogLevel(const std::string& text, std::string& level) {
  TUTTI_RETURN_IF_ERROR(log::ParseLevel(text).status());
  level = text;
  return absl::OkStatus();
}

absl::Status SetNamedValues(const SettingValues& values,
                            std::map<std::string, std::string>& map) {
  for (const std::string& text : values) {
    TUTTI_ASSIGN_OR_RETURN(NamedValue named, ParseNamedValue(text));
    map[std::move(named.name)] = std::move(named.value);
  }
  return absl::OkStatus();
}

}  // namespace tutti
