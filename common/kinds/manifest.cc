#include "common/kinds/manifest.h"

#include <re2/re2.h>

#include <filesystem>
#include <set>
#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/configuration/yaml_file.h"
#include "common/jobs/kind_name.h"
#include "common/jobs/milli_cpus.h"
#include "common/text/utf8.h"

namespace tutti {
namespace {

using Json = nlohmann::ordered_json;

// Notes the mistake that `status` is, if it is one.
void Note(YamlMap& map, std::string_view key, const absl::Status& status) {
  if (!status.ok()) map.AddMistake(key, TextOf(status));
}

void ReadName(YamlMap& map, const std::string& path, Manifest& manifest) {
  map.Require("name");
  if (!map.Get("name", manifest.name)) return;
  const std::string stem = std::filesystem::path(path).stem();
  if (!IsKindName(manifest.name)) {
    map.AddMistake("name",
                   fmt::format("'{}' is no name of an add-in; use lower-case "
                               "letters, digits and '-', a letter first, and "
                               "no kind of Tutti's own",
                               manifest.name));
  } else if (manifest.name != stem) {
    map.AddMistake("name", fmt::format("'{0}' is not what the file is called; "
                                       "write {1}, or call it {0}.yaml",
                                       manifest.name, stem));
  }
}

void ReadProgram(YamlMap& map, const std::string& path, Manifest& manifest) {
  map.Require("program");
  if (!map.Get("program", manifest.program)) return;
  if (manifest.program.empty() ||
      manifest.program.find('\0') != std::string::npos) {
    map.AddMistake("program", "it is no path; write one such as /usr/bin/true");
    return;
  }
  manifest.program =
      (std::filesystem::path(path).parent_path() / manifest.program)
          .lexically_normal();
}

void ReadLimits(YamlMap& map, Manifest& manifest) {
  YamlMap limits = map.GetMap("limits");
  absl::Duration timeout;
  if (limits.Get("timeout", timeout)) manifest.timeout = timeout;
  if (manifest.timeout.has_value() && timeout <= absl::ZeroDuration()) {
    limits.AddMistake("timeout", "0 leaves no time to run; give more");
  }
  constexpr uint64_t kLeastMemory = 1 << 20;
  if (limits.GetSize("memory", manifest.memory_bytes) &&
      manifest.memory_bytes < kLeastMemory) {
    limits.AddMistake("memory", "no program starts in that; give 1MiB or more");
  }
  std::string cpus;
  if (limits.Get("cpus", cpus)) {
    const absl::StatusOr<uint64_t> milli_cpus = ParseMilliCpus(cpus);
    Note(limits, "cpus", milli_cpus.status());
    manifest.milli_cpus = milli_cpus.value_or(0);
  }
  if (limits.Get("max_processes", manifest.processes) &&
      manifest.processes == 0) {
    limits.AddMistake("max_processes", "0 lets nothing run; give 1 or more");
  }
}

void ReadDefault(YamlMap& map, Parameter& parameter) {
  std::vector<std::string> texts;
  if (!map.Get("default", texts)) return;
  if (parameter.required || parameter.secret) {
    map.AddMistake("default",
                   "a parameter that is required or secret has none; leave it "
                   "out");
    return;
  }
  Json value = texts;
  if (parameter.type != ParameterType::kList) {
    if (texts.size() != 1) {
      map.AddMistake("default", "a list; write one value, or type: list");
      return;
    }
    value = texts[0];
  }
  const absl::StatusOr<Json> converted = ConvertValue(parameter, value);
  Note(map, "default", converted.status());
  if (converted.ok()) parameter.default_value = *converted;
}

void ReadRules(YamlMap& map, Parameter& parameter) {
  const bool has_pattern = map.Get("pattern", parameter.pattern);
  const bool has_choices = map.Get("enum", parameter.choices);
  const bool has_texts = parameter.type == ParameterType::kString ||
                         parameter.type == ParameterType::kList;
  if ((has_pattern || has_choices) && !has_texts) {
    map.AddMistake(has_pattern ? "pattern" : "enum",
                   fmt::format("it is for texts, this is a {}; leave it out",
                               NameOf(parameter.type)));
  }
  if (has_pattern && has_choices) {
    map.AddMistake("enum", "there is a pattern already; leave one of them out");
  }
  if (!has_pattern) return;
  const RE2 pattern(parameter.pattern, RE2::Quiet);
  if (pattern.ok()) return;
  map.AddMistake("pattern", fmt::format("'{}' is no regular expression (RE2): "
                                        "{}; correct it",
                                        parameter.pattern, pattern.error()));
}

Parameter ReadParameter(YamlMap& map) {
  Parameter parameter;
  map.Require("name");
  if (map.Get("name", parameter.name) && !IsParameterName(parameter.name)) {
    map.AddMistake("name",
                   fmt::format("'{}' is no name of a parameter; use lower-case "
                               "letters, digits, '-' and '_', a letter first",
                               parameter.name));
  }
  std::string type(NameOf(parameter.type));
  if (map.Get("type", type)) {
    const absl::StatusOr<ParameterType> parsed = ParseParameterType(type);
    Note(map, "type", parsed.status());
    parameter.type = parsed.value_or(parameter.type);
  }
  map.Get("required", parameter.required);
  map.Get("secret", parameter.secret);
  map.Get("description", parameter.description);
  ReadRules(map, parameter);
  ReadDefault(map, parameter);
  return parameter;
}

void ReadParameters(YamlMap& map, Manifest& manifest) {
  std::set<std::string> names;
  for (YamlMap& entry : map.GetMaps("parameters")) {
    Parameter parameter = ReadParameter(entry);
    // Under one name of a secret there is room for one of them.
    if (!names.insert(SecretNameOf(parameter.name)).second) {
      entry.AddMistake("name", fmt::format("'{}' is there twice (letters of "
                                           "both cases and '-' and '_' count "
                                           "as the same); call it otherwise",
                                           parameter.name));
    }
    manifest.parameters.push_back(std::move(parameter));
  }
}

void ReadEnvironment(YamlMap& map, Manifest& manifest) {
  if (!map.Get("environment", manifest.environment)) return;
  for (const auto& [name, value] : manifest.environment) {
    if (name.empty() ||
        name.find_first_of(std::string_view("=\0", 2)) != std::string::npos ||
        name.starts_with("TUTTI_") || value.find('\0') != std::string::npos) {
      map.AddMistake("environment",
                     fmt::format("'{}' can not be set; leave it out", name));
    }
  }
}

// The text member `key`; empty where there is none.
std::string TextIn(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>()
                                                   : "";
}

bool FlagIn(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace

absl::StatusOr<Manifest> ParseManifest(std::string_view text,
                                       const std::string& path) {
  if (!IsUtf8(text)) {
    return InvalidArgument("{}: it is not UTF-8; save it so", path);
  }
  TUTTI_ASSIGN_OR_RETURN(YamlMap map, YamlMap::Parse(text, path));
  Manifest manifest;
  ReadName(map, path, manifest);
  map.Get("version", manifest.version);
  map.Get("description", manifest.description);
  ReadProgram(map, path, manifest);
  map.Get("arguments", manifest.arguments);
  ReadParameters(map, manifest);
  map.Get("user", manifest.user);
  ReadLimits(map, manifest);
  map.Get("stdin", manifest.takes_input);
  map.Get("progress", manifest.side_streams);
  ReadEnvironment(map, manifest);
  TUTTI_RETURN_IF_ERROR(map.Finish());
  return manifest;
}

const Parameter* Manifest::Find(std::string_view parameter) const {
  for (const Parameter& candidate : parameters) {
    if (candidate.name == parameter) return &candidate;
  }
  return nullptr;
}

Json ParametersToJson(const Manifest& manifest) {
  Json list = Json::array();
  for (const Parameter& parameter : manifest.parameters) {
    Json json = {{"name", parameter.name}, {"type", NameOf(parameter.type)}};
    if (parameter.required) json["required"] = true;
    if (parameter.secret) json["secret"] = true;
    if (parameter.default_value) json["default"] = *parameter.default_value;
    if (!parameter.pattern.empty()) json["pattern"] = parameter.pattern;
    if (!parameter.choices.empty()) json["enum"] = parameter.choices;
    if (!parameter.description.empty()) {
      json["description"] = parameter.description;
    }
    list.push_back(std::move(json));
  }
  return list;
}

std::vector<Parameter> ParametersFromJson(const Json& json) {
  std::vector<Parameter> parameters;
  if (!json.is_array()) return parameters;
  for (const Json& entry : json) {
    if (!entry.is_object()) continue;
    const auto type = ParseParameterType(TextIn(entry, "type"));
    if (!type.ok()) continue;
    Parameter parameter;
    parameter.name = TextIn(entry, "name");
    parameter.type = *type;
    parameter.required = FlagIn(entry, "required");
    parameter.secret = FlagIn(entry, "secret");
    if (entry.contains("default")) parameter.default_value = entry["default"];
    parameter.pattern = TextIn(entry, "pattern");
    parameter.description = TextIn(entry, "description");
    if (const auto choices = entry.find("enum");
        choices != entry.end() && choices->is_array()) {
      for (const Json& choice : *choices) {
        if (choice.is_string()) parameter.choices.push_back(choice);
      }
    }
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

}  // namespace tutti
