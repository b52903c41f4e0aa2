// How many at once of each value of a label, as in rack=1.
#ifndef CONTROLLER_CLI_RUN_MAX_PER_LABEL_H_
#define CONTROLLER_CLI_RUN_MAX_PER_LABEL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tutti/v1/jobs.pb.h"

namespace tutti::cli {

// The values of --max-per-label; a number is `least` or more. INVALID_ARGUMENT
// names the option and the remedy.
absl::StatusOr<std::vector<v1::MaxPerLabel>> ParseMaxPerLabel(
    const std::vector<std::string>& values, uint32_t least);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_MAX_PER_LABEL_H_
