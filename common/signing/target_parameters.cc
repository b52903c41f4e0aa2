#include "common/signing/target_parameters.h"

#include <algorithm>
#include <string>

#include "common/base/ascii.h"
#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti {
namespace {

absl::Status CheckTotal(size_t bytes, size_t targets) {
  if (bytes <= kMaxJobParameterBytes) return absl::OkStatus();
  return InvalidArgument(
      "the parameters of {} targets are {} in all, {} are possible in a job; "
      "run it on fewer targets at a time",
      targets, FormatSize(bytes), FormatSize(kMaxJobParameterBytes));
}

}  // namespace

std::string_view ParametersOf(const ParameterList& list,
                              std::string_view target) {
  const auto found = std::lower_bound(
      list.begin(), list.end(), target,
      [](const v1::JobParameters& parameters, std::string_view name) {
        return parameters.target() < name;
      });
  if (found == list.end() || found->target() != target) return {};
  return found->parameters();
}

absl::Status CheckParameterName(std::string_view name) {
  const bool good =
      !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return IsUpper(c) || IsDigit(c) || c == '_';
      });
  if (good) return absl::OkStatus();
  return InvalidArgument(
      "'{}' is no name of a parameter; use letters, digits and '_'", name);
}

absl::StatusOr<v1::TargetParameters> ParseParameters(
    std::string_view serialized) {
  if (serialized.size() > kMaxTargetParameterBytes) {
    return InvalidArgument(
        "they take {} bytes, {} are possible for a target; put large content "
        "into a file there",
        serialized.size(), kMaxTargetParameterBytes);
  }
  v1::TargetParameters parameters;
  if (!parameters.ParseFromArray(serialized.data(),
                                 static_cast<int>(serialized.size()))) {
    return InvalidArgument(
        "they can not be parsed; they were damaged on their way");
  }
  std::string_view last;
  for (const v1::EnvironmentVariable& variable : parameters.variables()) {
    TUTTI_RETURN_IF_ERROR(CheckParameterName(variable.name()));
    if (variable.name() <= last) {
      return InvalidArgument(
          "'{}' is there twice or out of order; give it once", variable.name());
    }
    last = variable.name();
    if (variable.value().find('\0') != std::string::npos) {
      return InvalidArgument("the value of '{}' has a NUL byte; leave it out",
                             variable.name());
    }
  }
  return parameters;
}

absl::Status CheckParameterList(const ParameterList& list,
                                const std::vector<std::string>& targets) {
  size_t bytes = 0;
  auto at = targets.begin();
  for (const v1::JobParameters& entry : list) {
    at = std::lower_bound(at, targets.end(), entry.target());
    if (at == targets.end() || *at != entry.target()) {
      return InvalidArgument(
          "the parameters of '{}' are those of no target, or out of order; "
          "give them in order of the targets",
          entry.target());
    }
    ++at;
    const auto parsed = ParseParameters(entry.parameters());
    if (!parsed.ok()) {
      return WithPrefix(fmt::format("the parameters of {}", entry.target()),
                        parsed.status());
    }
    bytes += entry.parameters().size();
  }
  return CheckTotal(bytes, list.size());
}

}  // namespace tutti
