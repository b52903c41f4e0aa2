// Labels, as in site=berlin.
#ifndef CONTROLLER_CLI_LABELS_H_
#define CONTROLLER_CLI_LABELS_H_

#include <google/protobuf/map.h>

#include <string>

#include "controller/cli/output.h"

namespace tutti::cli {

using LabelMap = google::protobuf::Map<std::string, std::string>;

// "rack=7 site=berlin", sorted.
std::string LabelsText(const LabelMap& labels);
Json LabelsToJson(const LabelMap& labels);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_LABELS_H_
