// Points in time as people write them.
#ifndef CONTROLLER_CLI_MOMENT_H_
#define CONTROLLER_CLI_MOMENT_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tutti::cli {

// "30d" is so long before `now`; "2026-11-22", "2026-11-22T10:30" and
// "2026-11-22 10:30:00" are of the local time zone, "2026-11-22T10:30:00Z" is
// RFC 3339. INVALID_ARGUMENT begins with `option`.
absl::StatusOr<absl::Time> ParseMoment(std::string_view option,
                                       std::string_view text, absl::Time now);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_MOMENT_H_
