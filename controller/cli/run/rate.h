// --rate on the verbs that move files.
#ifndef CONTROLLER_CLI_RUN_RATE_H_
#define CONTROLLER_CLI_RUN_RATE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace tutti::cli {

// Bytes a second out of "10M/s", "500KiB/s", "10M"; 0 for an empty text.
absl::StatusOr<uint64_t> ParseRate(std::string text);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_RATE_H_
