// Which targets a query that is asked again and again may have.
#ifndef CONTROLLER_CLI_RUN_SERIES_TARGETS_H_
#define CONTROLLER_CLI_RUN_SERIES_TARGETS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "controller/cli/run/targets.h"

namespace tutti::cli {

// INVALID_ARGUMENT for a reference to `last`, or to one of `job_names`, which
// are those of the series' own jobs: each time would be about the one before
// it. What groups refer to is not seen.
absl::Status CheckSeriesTargets(const WantedTargets& wanted,
                                const std::vector<std::string>& job_names);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_SERIES_TARGETS_H_
