// What a job gives to the parameters of its kind.
#ifndef COMMON_KINDS_PARAMETER_VALUES_H_
#define COMMON_KINDS_PARAMETER_VALUES_H_

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/kinds/manifest.h"

namespace tutti {

// By the names of SecretNameOf; absent: there is one, but not at hand.
using SecretParameters = std::map<std::string, std::optional<std::string>>;

// An object; an empty text is an empty one. INVALID_ARGUMENT otherwise.
absl::StatusOr<nlohmann::ordered_json> ParseParameterObject(
    std::string_view text);

// The members of `given`, each as its parameter has it. INVALID_ARGUMENT for
// one that the kind does not have, with the nearest name, or that is secret.
absl::StatusOr<nlohmann::ordered_json> ConvertValues(
    const Manifest& manifest, const nlohmann::ordered_json& given);

// With secrets and defaults, in the order of the manifest. INVALID_ARGUMENT
// also when one is missing. What is neither given nor has a default is left
// out.
absl::StatusOr<nlohmann::ordered_json> CompleteValues(
    const Manifest& manifest, const nlohmann::ordered_json& given,
    const SecretParameters& secrets);

}  // namespace tutti

#endif  // COMMON_KINDS_PARAMETER_VALUES_H_
