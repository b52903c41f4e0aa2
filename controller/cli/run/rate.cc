#include "controller/cli/run/rate.h"

#include "common/base/duration.h"
#include "common/base/errors.h"

namespace tutti::cli {

absl::StatusOr<uint64_t> ParseRate(std::string text) {
  if (text.empty()) return 0;
  const std::string original = text;
  if (text.ends_with("/s")) text.resize(text.size() - 2);
  absl::StatusOr<uint64_t> rate = ParseSize(text);
  if (rate.ok() && *rate > 0) return rate;
  return InvalidArgument(
      "--rate: '{}' is no amount a second; write 10M/s or 500KiB/s", original);
}

}  // namespace tutti::cli
