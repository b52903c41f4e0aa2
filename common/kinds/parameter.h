// One parameter of an add-in kind.
#ifndef COMMON_KINDS_PARAMETER_H_
#define COMMON_KINDS_PARAMETER_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti {

// A list is one of texts.
enum class ParameterType : uint8_t {
  kString,
  kInteger,
  kNumber,
  kBoolean,
  kList
};

// "string", "integer", ...
std::string_view NameOf(ParameterType type);
// INVALID_ARGUMENT with the nearest name.
absl::StatusOr<ParameterType> ParseParameterType(std::string_view name);

struct Parameter {
  std::string name;
  ParameterType type = ParameterType::kString;
  bool required = false;
  // Its value is in no log and no journal.
  bool secret = false;
  // Of its type.
  std::optional<nlohmann::ordered_json> default_value;
  // RE2, which texts (of a list each) match as a whole; empty: any.
  std::string pattern;
  // What its texts may be; empty: anything.
  std::vector<std::string> choices;
  std::string description;
};

// Lower-case letters, digits, '-' and '_', and a letter first.
bool IsParameterName(std::string_view name);
// What a secret parameter is called among a job's secrets: API_KEY for api-key.
std::string SecretNameOf(std::string_view parameter);

// `value` as the parameter has it: of its type, or a text that is read as one.
// INVALID_ARGUMENT names the parameter, and of a secret one never the value.
absl::StatusOr<nlohmann::ordered_json> ConvertValue(
    const Parameter& parameter, const nlohmann::ordered_json& value);

}  // namespace tutti

#endif  // COMMON_KINDS_PARAMETER_H_
