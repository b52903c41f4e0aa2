#include "common/kinds/parameter_values.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "common/base/closest.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/text/json_text.h"
#include "common/text/lines.h"

namespace tutti {
namespace {

using Json = nlohmann::ordered_json;

std::vector<std::string> NamesOf(const Manifest& manifest, bool secret) {
  std::vector<std::string> names;
  for (const Parameter& parameter : manifest.parameters) {
    if (parameter.secret != secret) continue;
    names.push_back(secret ? SecretNameOf(parameter.name) : parameter.name);
  }
  return names;
}

absl::Status NoParameter(const Manifest& manifest, std::string_view what,
                         const std::string& name,
                         const std::vector<std::string>& known) {
  std::string remedy = fmt::format("it has {}", fmt::join(known, ", "));
  if (known.empty()) remedy = "it has none";
  if (const auto meant = Closest(name, known)) {
    remedy = fmt::format("did you mean {}?", *meant);
  }
  return InvalidArgument("kind '{}' has no {} '{}'; {}", manifest.name, what,
                         name, remedy);
}

absl::Status CheckSecrets(const Manifest& manifest,
                          const SecretParameters& secrets) {
  const std::vector<std::string> known = NamesOf(manifest, /*secret=*/true);
  for (const auto& [name, unused] : secrets) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return NoParameter(manifest, "secret parameter", name, known);
    }
  }
  return absl::OkStatus();
}

// Absent: it has none.
absl::StatusOr<std::optional<Json>> ValueOf(const Parameter& parameter,
                                            const Json& given,
                                            const SecretParameters& secrets) {
  if (parameter.secret) {
    const auto secret = secrets.find(SecretNameOf(parameter.name));
    if (secret != secrets.end()) {
      if (!secret->second.has_value()) return Json(nullptr);
      return ConvertValue(parameter, *secret->second);
    }
  } else if (given.contains(parameter.name)) {
    return given[parameter.name];
  }
  if (!parameter.required) return parameter.default_value;
  return InvalidArgument("parameter '{0}' is missing; give it with {1} {2}",
                         parameter.name, parameter.secret ? "--secret" : "-p",
                         parameter.secret
                             ? SecretNameOf(parameter.name) + "=@FILE"
                             : parameter.name + "=VALUE");
}

}  // namespace

absl::StatusOr<Json> ParseParameterObject(std::string_view text) {
  if (Trimmed(text).empty()) return Json::object();
  std::optional<Json> object = ParseJson(text);
  if (object.has_value() && object->is_object()) return *std::move(object);
  return InvalidArgument(
      "the parameters are no JSON object; write them like {{\"key\": "
      "\"value\"}}");
}

absl::StatusOr<Json> ConvertValues(const Manifest& manifest,
                                   const Json& given) {
  Json converted = Json::object();
  for (const auto& [name, value] : given.items()) {
    const Parameter* parameter = manifest.Find(name);
    if (parameter == nullptr) {
      return NoParameter(manifest, "parameter", name,
                         NamesOf(manifest, /*secret=*/false));
    }
    if (parameter->secret) {
      return InvalidArgument(
          "parameter '{}' is secret, and what is given with -p is not; give "
          "it with --secret {}=@FILE",
          name, SecretNameOf(name));
    }
    TUTTI_ASSIGN_OR_RETURN(converted[name], ConvertValue(*parameter, value));
  }
  return converted;
}

absl::StatusOr<Json> CompleteValues(const Manifest& manifest, const Json& given,
                                    const SecretParameters& secrets) {
  TUTTI_ASSIGN_OR_RETURN(const Json converted, ConvertValues(manifest, given));
  TUTTI_RETURN_IF_ERROR(CheckSecrets(manifest, secrets));
  Json values = Json::object();
  for (const Parameter& parameter : manifest.parameters) {
    TUTTI_ASSIGN_OR_RETURN(std::optional<Json> value,
                           ValueOf(parameter, converted, secrets));
    if (value.has_value()) values[parameter.name] = *std::move(value);
  }
  return values;
}

}  // namespace tutti
