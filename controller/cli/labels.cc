#include "controller/cli/labels.h"

#include <map>

namespace tutti::cli {

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
