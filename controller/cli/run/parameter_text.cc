#include "controller/cli/run/parameter_text.h"

#include <fmt/format.h>

#include "common/text/shell_quote.h"

namespace tutti::cli {
namespace {

std::string VariableName(const v1::EnvironmentVariable& variable) {
  return fmt::format("{}{}", kParameterPrefix, variable.name());
}

}  // namespace

std::string ParameterText(const v1::TargetParameters& parameters) {
  std::string text;
  for (const v1::EnvironmentVariable& variable : parameters.variables()) {
    text += fmt::format("{}{}={}", text.empty() ? "" : "\n",
                        VariableName(variable), ShellQuote(variable.value()));
  }
  return text;
}

Json ParametersToJson(const ParameterList& list) {
  Json json = Json::object();
  for (const v1::JobParameters& entry : list) {
    const auto parameters = ParseParameters(entry.parameters());
    if (!parameters.ok()) continue;
    Json& variables = json[entry.target()] = Json::object();
    for (const v1::EnvironmentVariable& variable : parameters->variables()) {
      variables[VariableName(variable)] = BytesToJson(variable.value());
    }
  }
  return json;
}

}  // namespace tutti::cli
