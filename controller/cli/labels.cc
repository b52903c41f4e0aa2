#include "controller/cli/labels.h"

#include <map>

#include "common/base/errors.h"

namespace tutti::cli {

absl::StatusOr<std::pair<std::string, std::string>> ParseLabel(
    std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return InvalidArgument(
        "label '{}' is not KEY=VALUE; write it like "
        "site=berlin",
        text);
  }
  return std::pair(std::string(text.substr(0, equals)),
                   std::string(text.substr(equals + 1)));
}

std::string LabelsText(const LabelMap& labels) {
  std::string text;
  for (const auto& [key, value] :
       std::map<std::string, std::string>(labels.begin(), labels.end())) {
    if (!text.empty()) text += " ";
    text += key + "=" + value;
  }
  return text;
}

Json LabelsToJson(const LabelMap& labels) {
  Json json = Json::object();
  for (const auto& [key, value] :
       std::map<std::string, std::string>(labels.begin(), labels.end())) {
    json[key] = value;
  }
  return json;
}

}  // namespace tutti::cli
