#include "controller/cli/kind/parameter_option.h"

#include <utility>

#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/base/status_macros.h"
#include "common/kinds/parameter.h"
#include "common/signing/envelope.h"
#include "common/text/utf8.h"

namespace tutti::cli {
namespace {

absl::StatusOr<std::string> ReadValue(const std::string& value) {
  const bool is_file = value.starts_with('@') && !value.starts_with("@@");
  std::string text = value.starts_with('@') ? value.substr(1) : value;
  if (is_file) {
    TUTTI_ASSIGN_OR_RETURN(text, ReadFileOrStandardInput(text, kMaxSpecBytes));
  }
  if (IsUtf8(text)) return text;
  return InvalidArgument("{} is not UTF-8, and parameters are; encode it",
                         is_file ? value.substr(1) : "the value");
}

}  // namespace

absl::StatusOr<Json> ReadParameters(const std::vector<std::string>& options) {
  Json parameters = Json::object();
  for (const std::string& option : options) {
    const size_t equals = option.find('=');
    const std::string name = option.substr(0, equals);
    if (equals == option.npos || !IsParameterName(name)) {
      return InvalidArgument(
          "-p: '{}' is not KEY=VALUE; write it like -p upgrade=full", option);
    }
    absl::StatusOr<std::string> value = ReadValue(option.substr(equals + 1));
    if (!value.ok()) return WithPrefix("-p " + name, value.status());
    if (!parameters.contains(name)) {
      parameters[name] = *std::move(value);
      continue;
    }
    Json& there = parameters[name];
    if (!there.is_array()) there = Json::array({there});
    there.push_back(*std::move(value));
  }
  return parameters;
}

std::vector<std::string> SecretOptions(
    const std::vector<std::string>& options) {
  std::vector<std::string> secrets;
  secrets.reserve(options.size());
  for (const std::string& option : options) {
    const size_t equals = std::min(option.find('='), option.size());
    secrets.push_back(SecretNameOf(option.substr(0, equals)) +
                      option.substr(equals));
  }
  return secrets;
}

}  // namespace tutti::cli
