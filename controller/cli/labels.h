// Labels, as in site=berlin.
#ifndef CONTROLLER_CLI_LABELS_H_
#define CONTROLLER_CLI_LABELS_H_

#include <google/protobuf/map.h>

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "controller/cli/output.h"

namespace tutti::cli {

using LabelMap = google::protobuf::Map<std::string, std::string>;

// "site=berlin". INVALID_ARGUMENT says what is missing.
absl::StatusOr<std::pair<std::string, std::string>> ParseLabel(
    std::string_view text);

// "rack=7 site=berlin", sorted.
std::string LabelsText(const LabelMap& labels);
Json LabelsToJson(const LabelMap& labels);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_LABELS_H_
