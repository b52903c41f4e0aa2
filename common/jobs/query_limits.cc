#include "common/jobs/query_limits.h"

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti {
namespace {

constexpr std::string_view kCpu = "--cpu-limit=";
constexpr std::string_view kMemory = "--memory-limit=";
constexpr std::string_view kRows = "--rows-limit=";

absl::Status SetBytes(std::string_view text, uint64_t least, uint64_t& limit) {
  TUTTI_ASSIGN_OR_RETURN(const uint64_t bytes, ParseSize(text));
  if (bytes < least) {
    return InvalidArgument("{} is too small; the least is {}", text,
                           FormatSize(least));
  }
  limit = bytes;
  return absl::OkStatus();
}

absl::Status SetCpu(std::string_view text, absl::Duration& limit) {
  TUTTI_ASSIGN_OR_RETURN(const absl::Duration duration, ParseDuration(text));
  if (duration < kLeastQueryCpu) {
    return InvalidArgument("{} is too short; the least is {}", text,
                           tutti::FormatDuration(kLeastQueryCpu));
  }
  limit = duration;
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> QueryLimitFlags(const QueryLimits& limits) {
  return {fmt::format(
              "{}{}", kCpu,
              absl::ToInt64Seconds(absl::Ceil(limits.cpu, absl::Seconds(1)))),
          fmt::format("{}{}", kMemory, limits.memory),
          fmt::format("{}{}", kRows, limits.rows)};
}

absl::Status SetQueryLimit(std::string_view flag, QueryLimits& limits) {
  absl::Status status;
  if (flag.starts_with(kCpu)) {
    status = SetCpu(flag.substr(kCpu.size()), limits.cpu);
  } else if (flag.starts_with(kMemory)) {
    status =
        SetBytes(flag.substr(kMemory.size()), kLeastQueryMemory, limits.memory);
  } else if (flag.starts_with(kRows)) {
    status = SetBytes(flag.substr(kRows.size()), kLeastQueryRows, limits.rows);
  } else {
    return NotFound("no flag '{}'; see --help", flag);
  }
  if (status.ok()) return status;
  return WithPrefix(flag.substr(0, flag.find('=')), status);
}

}  // namespace tutti
