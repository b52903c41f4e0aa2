#include "controller/cli/moment.h"

#include <string>

#include "common/base/duration.h"
#include "common/base/errors.h"

namespace tutti::cli {

absl::StatusOr<absl::Time> ParseMoment(std::string_view option,
                                       std::string_view text, absl::Time now) {
  if (const auto ago = ParseDuration(text); ago.ok()) return now - *ago;
  const std::string moment(text);
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, moment, &time, &error)) return time;
  for (const char* format : {"%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M",
                             "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"}) {
    if (absl::ParseTime(format, moment, absl::LocalTimeZone(), &time, &error)) {
      return time;
    }
  }
  return InvalidArgument(
      "{}: '{}' is no time; write 30d for so long ago, 2026-11-22, or "
      "2026-11-22T10:30",
      option, text);
}

}  // namespace tutti::cli
